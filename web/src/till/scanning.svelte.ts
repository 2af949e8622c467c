/**
 * A wedge reader works wherever the till stands (C8): a burst of keys that ends with Enter is a code, whatever has the
 * focus, and leaves no trace in a field, in an amount, or on a button.
 */
import { till } from '../api/client'
import { isOnTop } from '../ui/dialogs'
import { type Translation, translate } from './layouts'
import { follow } from './live'
import { override } from './override.svelte'
import { register, type Side } from './register.svelte'
import { SHORTEST_CODE, Wedge } from './wedge'

/** Panels in which nothing is lost when a code opens another one. */
const READ_ONLY: readonly (Side | null)[] = [null, 'menu', 'status', 'jobs', 'certificate', 'sales', 'check']
const NO_END_MS = 700 // a reader that has not sent its Enter by then does not send one

/** Takes a code: as it is meant, and as it was typed. */
type Listener = (code: string, typed: string) => void
type Field = HTMLInputElement | HTMLTextAreaElement

class Scanning {
  translation = $state.raw<Translation>({})
  /** A sale to be opened, or a code to be checked, by the panel that shows such things. */
  found = $state.raw<{ orderId: string } | { code: string } | null>(null)
  /** So many characters came in a burst, and no Enter after them. */
  endless = $state(0)

  private wedge = new Wedge(SHORTEST_CODE)
  private listeners: Listener[] = []
  private before: { field: Field | null; value: string; typed: string } = { field: null, value: '', typed: '' }
  private timer = 0

  async load(): Promise<void> {
    try {
      this.translation = (await till.scanner()).translation
    } catch {
      // a reader whose layout fits needs none
    }
  }

  /** While a panel is there, codes are for it; answers how to stop. */
  listen(listener: Listener): () => void {
    this.listeners.push(listener)
    return () => (this.listeners = this.listeners.filter((one) => one !== listener))
  }

  /** Every key of the page, before anything else has it. Keys held down are hands, and PIN pads read badges themselves. */
  key(event: KeyboardEvent): void {
    if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || !register.state?.cashier || override.asked) return
    const code = this.wedge.key(event.key, event.timeStamp)
    if (this.wedge.length === 1 && event.key.length === 1) this.remember(event.target)
    if (event.key === ' ' && this.wedge.length > 3 && !this.before.field) event.preventDefault() // it would press a button
    clearTimeout(this.timer)
    if (this.wedge.length >= SHORTEST_CODE) this.timer = window.setTimeout(() => (this.endless = this.wedge.length), NO_END_MS)
    if (code === null) return
    event.preventDefault()
    event.stopPropagation()
    this.endless = 0
    this.restore()
    this.deliver(code)
  }

  /** Codes of a reader on a line of its own: they need no keyboard, and no translation. Answers how to stop. */
  follow(): () => void {
    return follow({
      scanned: (code) => {
        if (document.visibilityState === 'visible' && register.state?.cashier && !override.asked) this.give(code as string, code as string)
      },
    })
  }

  private remember(target: EventTarget | null): void {
    const field = target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement ? target : null
    this.before = { field, value: field?.value ?? '', typed: register.payment.state === 'entering' ? register.payment.typed : '' }
  }

  /** What stood in the field, and what was typed of an amount, before the reader typed into it. */
  private restore(): void {
    const { field, value, typed } = this.before
    if (field?.isConnected) {
      field.value = value
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }
    if (register.payment.state === 'entering') register.payment = { ...register.payment, typed }
  }

  private deliver(typed: string): void {
    this.give(translate(typed, this.translation), typed)
  }

  private give(code: string, typed: string): void {
    const listener = this.listeners.at(-1)
    if (listener) listener(code, typed)
    else void this.open(code)
  }

  /** A code with nobody asking for one: the sale that it is of, or what it is worth at a door. */
  private async open(code: string): Promise<void> {
    const busy = register.payment.state === 'sealing' || register.payment.state === 'presenting' || !READ_ONLY.includes(register.side) || (register.side === null && !isOnTop(document.body))
    if (busy || !register.state?.cash_float) return
    try {
      const { sales } = await till.findSales({ text: code, today: false, mine: false, before: null })
      this.found = sales.length === 1 ? { orderId: sales[0]!.order_id } : { code }
    } catch {
      this.found = { code }
    }
    register.side = 'orderId' in this.found ? 'sales' : 'check'
  }

  /** The panel that shows it takes it away. */
  takeSale(): string | null {
    const found = this.found && 'orderId' in this.found ? this.found.orderId : null
    if (found) this.found = null
    return found
  }

  takeCode(): string | null {
    const found = this.found && 'code' in this.found ? this.found.code : null
    if (found) this.found = null
    return found
  }
}

export const scanning = new Scanning()
