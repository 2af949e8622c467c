/** What the customer sees of the sale (C3), pure. */
import type { Shown } from '../api/till'
import type { Basket } from './basket'
import type { Allotment, Payment } from './payment'

interface Sale {
  basket: Basket
  newest: number
  total: number
  allotment: Allotment
  payment: Payment
  tendered: number // what is typed as handed over
}

export function shownOf({ basket, newest, total, allotment, payment, tendered }: Sale): Shown {
  const lines = basket.map(({ label, sublabel, quantity, price }) => ({ label, sublabel, quantity, total: quantity * price }))
  const shown = { lines, newest, total, due: allotment.due, tendered: 0, change: 0 }
  if (payment.state === 'sealed') {
    const given = payment.payments.reduce((sum, part) => sum + part.tendered, 0)
    return { state: 'done', lines: [], newest: 0, total: payment.sale.total, due: 0, tendered: given, change: payment.sale.change }
  }
  if (!basket.length) return { ...shown, state: 'welcome', total: 0, due: 0 }
  if (payment.state === 'none') return { ...shown, state: 'basket' }
  // Until something is typed, nobody knows what the customer will hand over.
  const isCash = payment.state === 'entering' && payment.mode === 'cash' && payment.typed !== ''
  return { ...shown, state: 'paying', ...(isCash ? { tendered, change: Math.max(0, tendered - allotment.due) } : {}) }
}

/** Which line was touched last: the one that is new or whose quantity has changed, else the last one. */
export function newestOf(before: Basket, after: Basket): number {
  const changed = after.findIndex((line) => before.find((one) => one.id === line.id)?.quantity !== line.quantity)
  return changed >= 0 ? changed : Math.max(0, after.length - 1)
}
