/** What the back office's pages do beside HTML: htmx, questions before deeds, messages that go away, a menu on a phone. */
import '@tabler/core/dist/css/tabler.min.css'
import '../design/tokens.css'
import './backoffice.css'
import './houseplan.css'
import './houseplan'
import htmx from 'htmx.org'

const TOAST_MS = 6000

htmx.config.allowEval = false
htmx.config.includeIndicatorStyles = false

const csrf = () => document.querySelector<HTMLMetaElement>('meta[name=csrf-token]')?.content ?? ''

document.addEventListener('htmx:configRequest', (event) => {
  ;(event as CustomEvent<{ headers: Record<string, string> }>).detail.headers['X-CSRFToken'] = csrf()
})

/** Ask before a deed: `data-confirm="sentence"` on a form, `hx-confirm` on an htmx element. */
async function agreed(words: string): Promise<boolean> {
  const dialog = document.querySelector<HTMLDialogElement>('#confirm')!
  dialog.querySelector('#confirm-words')!.textContent = words
  dialog.returnValue = 'no'
  dialog.showModal()
  return new Promise((answer) => dialog.addEventListener('close', () => answer(dialog.returnValue === 'yes'), { once: true }))
}

document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement
  const words = form.dataset.confirm
  if (!words || form.dataset.agreed) return
  event.preventDefault()
  const { submitter } = event
  void agreed(words).then((yes) => {
    if (!yes) return
    form.dataset.agreed = 'yes'
    form.requestSubmit(submitter)
  })
}, true)

document.addEventListener('htmx:confirm', (event) => {
  const { question, issueRequest } = (event as CustomEvent<{ question: string | null; issueRequest(skip: boolean): void }>).detail
  if (!question) return
  event.preventDefault()
  void agreed(question).then((yes) => yes && issueRequest(true))
})

/** `HX-Trigger: {"toast": {"words": "…", "tone": "error"}}` shows a message. */
document.addEventListener('toast', (event) => {
  const { words, tone } = (event as CustomEvent<{ words: string; tone?: string }>).detail
  const toast = document.createElement('div')
  toast.className = `tk-toast${tone === 'error' ? ' tk-toast-error' : ''}`
  toast.textContent = words
  document.querySelector('#toasts')!.append(toast)
  if (tone !== 'error') setTimeout(() => toast.remove(), TOAST_MS)
})

document.addEventListener('click', (event) => {
  const target = event.target as HTMLElement
  target.closest('[data-dismiss]')?.parentElement?.remove()
  const opener = document.querySelector<HTMLElement>('[data-menu]')
  const inMenu = target.closest('#menu')
  if (opener && target.closest('[data-menu]')) menu(opener, opener.getAttribute('aria-expanded') !== 'true')
  else if (opener && !inMenu) menu(opener, false)
  document.querySelectorAll<HTMLDetailsElement>('details.tk-user[open]').forEach((open) => {
    if (!open.contains(target)) open.open = false
  })
})

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return
  const opener = document.querySelector<HTMLElement>('[data-menu][aria-expanded=true]')
  if (opener) {
    menu(opener, false)
    opener.focus()
  }
  document.querySelectorAll<HTMLDetailsElement>('details.tk-user[open]').forEach((open) => (open.open = false))
})

function menu(opener: HTMLElement, open: boolean): void {
  opener.setAttribute('aria-expanded', String(open))
  document.body.classList.toggle('tk-menu-open', open)
}

/**
 * A table on a telephone is a list of cards: each cell carries its column's heading, and roles say to screen readers
 * what the style takes away. Tables whose rows are headings themselves keep scrolling.
 */
function stackable(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('.tk-table table:not(.rp-statement)')) {
    if (table.closest('.rp-fit') || table.classList.contains('tk-stacked')) continue
    const headings = [...table.querySelectorAll('thead th')].map((heading) => heading.textContent.trim())
    for (const row of table.tBodies[0]?.rows ?? []) {
      row.setAttribute('role', 'row')
      ;[...row.cells].forEach((cell, i) => {
        cell.dataset.label = headings[i] ?? ''
        cell.setAttribute('role', 'cell')
        gather(cell)
      })
    }
    table.setAttribute('role', 'table')
    table.querySelectorAll('thead, tbody').forEach((group) => group.setAttribute('role', 'rowgroup'))
    table.querySelectorAll('thead tr').forEach((row) => row.setAttribute('role', 'row'))
    table.querySelectorAll('thead th').forEach((heading) => heading.setAttribute('role', 'columnheader'))
    table.classList.add('tk-stacked')
  }
}

/** One child per cell, so that label and content stand at its two ends. */
function gather(cell: HTMLTableCellElement): void {
  if (cell.childNodes.length < 2) return
  const content = document.createElement('div')
  content.append(...cell.childNodes)
  if (content.textContent.trim() || content.querySelector('svg, img')) cell.append(content)
}

/** `data-shown-when="field" data-is="value other"`: shown only while the field has one of these values. */
function showWhatIsAsked(): void {
  for (const part of document.querySelectorAll<HTMLElement>('[data-shown-when]')) {
    const field = document.querySelector<HTMLSelectElement>(`[name="${part.dataset.shownWhen}"]`)
    part.hidden = !part.dataset.is!.split(' ').includes(field?.value ?? '')
  }
}

document.addEventListener('change', showWhatIsAsked)
document.addEventListener('htmx:afterSettle', () => {
  stackable()
  showWhatIsAsked()
})
showWhatIsAsked()
stackable()
document.querySelector<HTMLElement>('main [aria-invalid=true]')?.focus()
