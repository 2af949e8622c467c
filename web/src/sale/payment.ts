/** Where the payment of the basket stands. */
import type { Part, SaleRequest, SealedSale } from '../api/till'

/** The till shows exactly one of these. */
export type Payment =
  | { state: 'none' }
  | { state: 'entering'; mode: string; typed: string; parts: Part[]; receipt: boolean }
  | { state: 'sealing'; request: SaleRequest; attempts: number } // sent with its id until someone answers: never twice
  | { state: 'sealed'; sale: SealedSale; payments: Part[] }

export const paid = (parts: readonly Part[]): number => parts.reduce((sum, part) => sum + part.amount, 0)

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
    case 'sealing':
      return false
    default:
      return payment satisfies never
  }
}
