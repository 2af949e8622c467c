/** Where the payment of the basket stands. */
import type { CardPayment, CardRequest, Part, SaleRequest, SealedSale } from '../api/till'

/** The till shows exactly one of these. */
export type Payment =
  | { state: 'none' }
  | { state: 'entering'; mode: string; typed: string; receipt: boolean }
  | { state: 'presenting'; asked: CardRequest; payment: CardPayment | null; receipt: boolean } // at the terminal
  | { state: 'sealing'; request: SaleRequest; attempts: number } // sent with its id until someone answers: never twice
  | { state: 'sealed'; sale: SealedSale; payments: Part[] }

/** Money already taken for the basket at hand. It stays whatever the basket becomes, until somebody says that it went back. */
export interface Taken {
  mode: string
  tendered: number
  attempt_id?: string // of the payment at the terminal that took it
}

/** What taken money does for a total: `parts` in the order of `taken`; `over` must go back to the customer by hand. */
export interface Allotment {
  parts: Part[]
  due: number
  change: number
  over: number
}

/** Modes whose money lies on the counter: it goes back across it. Money of the others moved elsewhere, and is reversed there. */
export const inHand = (mode: string): boolean => mode === 'cash' || mode === 'cheque' || mode === 'voucher'

/**
 * How much of the total each taken part pays. Only cash gives change, so it comes last: a basket that became cheaper
 * turns cash into change, and leaves the rest as too much. Cash that pays nothing at all is no change, it is too much.
 */
export function allot(taken: readonly Taken[], total: number): Allotment {
  let due = total
  const amounts = taken.map(() => 0)
  for (const wantsCash of [false, true]) {
    taken.forEach((part, at) => {
      if ((part.mode === 'cash') !== wantsCash) return
      amounts[at] = wantsCash ? Math.min(due, part.tendered) : part.tendered
      due = Math.max(0, due - amounts[at])
    })
  }
  const parts = taken.map((part, at) => ({ ...part, amount: amounts[at]! }))
  const useless = parts.filter((part) => part.amount === 0).reduce((sum, part) => sum + part.tendered, 0)
  const paid = amounts.reduce((sum, amount) => sum + amount, 0)
  const change = parts.reduce((sum, part) => sum + part.tendered, 0) - paid - useless
  return { parts, due, change, over: useless + Math.max(0, paid - total) }
}

export type Taking =
  | { kind: 'complete'; part: Part; change: number }
  | { kind: 'partial'; part: Part; remaining: number }
  | { kind: 'too_much'; due: number } // only cash gives change
  | { kind: 'nothing' }

/** What handing over `tendered` in this mode does to what is still due. Only cash may exceed it (LAW-26: both are kept). */
export function take(due: number, mode: string, tendered: number): Taking {
  if (tendered <= 0 && due > 0) return { kind: 'nothing' }
  if (tendered > due && mode !== 'cash') return { kind: 'too_much', due }
  const part = { mode, amount: Math.min(due, tendered), tendered }
  if (tendered >= due) return { kind: 'complete', part, change: tendered - due }
  return { kind: 'partial', part, remaining: due - tendered }
}

/** Whether the basket may still change. */
export function editable(payment: Payment): boolean {
  switch (payment.state) {
    case 'none':
    case 'entering':
    case 'sealed':
      return true
    case 'presenting':
    case 'sealing':
      return false
    default:
      return payment satisfies never
  }
}
