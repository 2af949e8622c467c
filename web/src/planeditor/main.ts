/** The page that edits a seating plan: mounts the editor on #plan-editor, which says where things are. */
import '../seatmap/element.svelte'
import { mount } from 'svelte'
import type { Plan } from './document'
import './planeditor.css'
import PlanEditor from './PlanEditor.svelte'

const target = document.querySelector<HTMLElement>('#plan-editor')!
const { file, save, draft } = target.dataset as Record<'file' | 'save' | 'draft', string>
const answer = await fetch(file, { credentials: 'same-origin' })
target.replaceChildren()
mount(PlanEditor, { target, props: { plan: (await answer.json()) as Plan, saveUrl: save, draftKey: draft, language: document.documentElement.lang } })
