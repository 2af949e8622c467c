import { mount } from 'svelte'
import '../design/tokens.css'
import { choose } from '../i18n/i18n.svelte'
import Display from './Display.svelte'

// The customer's language, not the one that the cashier chose in the same browser.
choose(new URLSearchParams(location.search).get('language') === 'en' ? 'en' : 'fr', false)
mount(Display, { target: document.getElementById('display')! })
