/** Whether what a sale prints can come out now (C1). */
import type { Printer } from '../api/till'
import type { Basket } from './basket'

/** Printers that this sale needs and that a person must see to first. */
export function stuck(printers: readonly Printer[], basket: Basket, receipt: boolean): Printer[] {
  const tickets = basket.some((line) => line.items.some((item) => item.kind !== 'product'))
  const needed = { ticket: tickets, receipt }
  return printers.filter((printer) => needed[printer.role] && (printer.state === 'blocked' || printer.state === 'offline'))
}
