/** What a customer brings back of a sale, and how the money goes back (A7). Pure: the till checks all of it again. */
import type { Refundable, RefundableLine, RefundableTicket, RefundRequest } from '../api/refunds'

export const AS_PAID = ''

/** `tickets` by ticketKey, `quantities` by line; `mode` AS_PAID or one for all of it. */
export interface Choice {
  tickets: ReadonlySet<string>
  quantities: Readonly<Record<number, number>>
  reason: string
  note: string
  mode: string
}

export const ticketKey = (ticket: RefundableTicket): string => `${ticket.key_id}-${ticket.serial}`

const alive = (line: RefundableLine) => line.tickets.filter((ticket) => !ticket.refunded)

/** Nothing chosen yet; the mode is that of the sale. */
export const nothing = (): Choice => ({ tickets: new Set(), quantities: {}, reason: '', note: '', mode: AS_PAID })

/** All that is left of the sale. */
export function everything(sale: Refundable, choice: Choice): Choice {
  const quantities: Record<number, number> = {}
  for (const line of sale.lines) if (line.kind === 'product' && line.left) quantities[line.line] = line.left
  return { ...choice, tickets: new Set(sale.lines.flatMap(alive).map(ticketKey)), quantities }
}

export function toggle(choice: Choice, ticket: RefundableTicket): Choice {
  const tickets = new Set(choice.tickets)
  if (!tickets.delete(ticketKey(ticket))) tickets.add(ticketKey(ticket))
  return { ...choice, tickets }
}

export function setQuantity(choice: Choice, line: RefundableLine, quantity: number): Choice {
  return { ...choice, quantities: { ...choice.quantities, [line.line]: Math.max(0, Math.min(quantity, line.left)) } }
}

/** How many of a line come back. */
export function chosenOf(choice: Choice, line: RefundableLine): number {
  if (line.kind === 'product') return choice.quantities[line.line] ?? 0
  return line.tickets.filter((ticket) => choice.tickets.has(ticketKey(ticket))).length
}

export const pieces = (sale: Refundable, choice: Choice): number => sale.lines.reduce((sum, line) => sum + chosenOf(choice, line), 0)
export const leftOf = (sale: Refundable): number => sale.lines.reduce((sum, line) => sum + line.left, 0)
export const amount = (sale: Refundable, choice: Choice): number => sale.lines.reduce((sum, line) => sum + chosenOf(choice, line) * line.unit_price, 0)

/** How the till shares `total` among the modes of the sale: as paid, in proportion, to the cent. */
export function asPaid(sale: Refundable, total: number): { mode: string; amount: number }[] {
  const all = sale.payments.reduce((sum, part) => sum + part.left, 0)
  let upto = 0
  return sale.payments
    .map((part) => {
      const before = Math.floor((total * upto) / all)
      upto += part.left
      return { mode: part.mode, amount: Math.floor((total * upto) / all) - before }
    })
    .filter((part) => part.amount > 0)
}

/** Whether more goes back by the chosen mode than was paid by it: that needs a right of its own. */
export function isOtherwise(sale: Refundable, choice: Choice): boolean {
  if (choice.mode === AS_PAID) return false
  return amount(sale, choice) > (sale.payments.find((part) => part.mode === choice.mode)?.left ?? 0)
}

/** What must still be said before the till can be asked; null when nothing is missing. */
export function missing(sale: Refundable, choice: Choice): 'what' | 'why' | null {
  if (!pieces(sale, choice)) return 'what'
  return choice.reason ? null : 'why'
}

/** What the till is asked. */
export function requestOf(sale: Refundable, choice: Choice, requestId: string): RefundRequest {
  const total = amount(sale, choice)
  return {
    request_id: requestId,
    tickets: sale.lines.flatMap((line) => line.tickets).filter((one) => choice.tickets.has(ticketKey(one))).map(({ key_id, serial }) => ({ key_id, serial })),
    lines: sale.lines.filter((line) => line.kind === 'product' && chosenOf(choice, line)).map((line) => ({ line: line.line, quantity: chosenOf(choice, line) })),
    reason: choice.reason,
    note: choice.note.trim(),
    payments: choice.mode === AS_PAID || !total ? null : [{ mode: choice.mode, amount: total }],
    expected_total: total,
  }
}
