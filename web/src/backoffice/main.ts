/** What the back office's pages do beside HTML: htmx, questions before deeds, messages that go away, a menu on a phone. */
import '@tabler/core/dist/css/tabler.min.css'
import '../design/tokens.css'
import './backoffice.css'
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
