/** Keeps the customer's display at the sale at hand (C3), and never keeps the sale waiting for it. */
import { till } from '../api/client'
import type { Shown } from '../api/till'
import type { Basket } from '../sale/basket'
import { newestOf, shownOf } from '../sale/shown'
import { register } from './register.svelte'

/** To be called where effects may be made, once. */
export function showSales(): void {
  let before: Basket = []
  let newest = 0
  let sending = false
  let wanted: string | null = null
  let said = ''

  $effect(() => {
    const { basket, payment, total, allotment, tendered, state } = register
    if (basket !== before) {
      newest = newestOf(before, basket)
      before = basket
    }
    if (!state?.cashier) {
      said = '' // the till says by itself that it is closed
      return
    }
    wanted = JSON.stringify(shownOf({ basket, newest, total, allotment, payment, tendered }))
    requestAnimationFrame(() => setTimeout(() => void send())) // the touch is painted first
  })

  async function send() {
    if (sending || wanted === null || wanted === said) return
    sending = true
    const now = wanted
    try {
      await till.show(JSON.parse(now) as Shown)
      said = now
    } catch {
      // the next change says it again
    }
    sending = false
    if (wanted !== now) void send()
  }
}
