/** The page that sets up tills: mounts the editor on #till-editor, which says where things are. */
import { mount } from 'svelte'
import type { Choices, Draft } from './draft'
import TillEditor from './TillEditor.svelte'

const target = document.querySelector<HTMLElement>('#till-editor')!
const { draft: draftUrl, layout: layoutUrl, preview: previewUrl } = target.dataset as Record<'draft' | 'layout' | 'preview', string>
const answer = await fetch(draftUrl, { credentials: 'same-origin', headers: { Accept: 'application/json' } })
const { draft, revision, ...choices } = (await answer.json()) as { draft: Draft; revision: number } & Choices
target.replaceChildren()
mount(TillEditor, { target, props: { start: draft, revision, choices, draftUrl, layoutUrl, previewUrl, language: document.documentElement.lang } })
