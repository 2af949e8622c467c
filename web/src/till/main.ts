import { mount } from 'svelte'
import '../design/tokens.css'
import './till.css'
import Till from './Till.svelte'

mount(Till, { target: document.getElementById('till')! })
