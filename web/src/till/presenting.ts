/** A payment at the terminal, followed until somebody knows what became of it. */
import { till } from '../api/client'
import { effectUnknown, Problem } from '../api/problem'
import type { CardPayment, CardRequest } from '../api/till'

const FOLLOW_MS = 250
const DOUBT_MS = 1000

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
export const isOpen = (payment: CardPayment): boolean => ['waiting', 'sent', 'unknown'].includes(payment.state)

/**
 * Ask with an id that every retry bears, so that the card is charged once whatever gets lost on the way; `show` what the till says of it.
 * Null when `goesOn` says that nobody waits any more. Throws Problem when the till refused to ask.
 */
export async function present(asked: CardRequest, show: (payment: CardPayment) => void, goesOn: () => boolean): Promise<CardPayment | null> {
  let known = false
  while (goesOn()) {
    try {
      const payment = await (known ? till.cardPayment(asked.attempt_id) : till.askCard(asked))
      known = true
      if (!goesOn()) return null
      if (!isOpen(payment)) return payment
      show(payment)
      await pause(payment.state === 'unknown' ? DOUBT_MS : FOLLOW_MS)
    } catch (error) {
      if (!effectUnknown(error) && !(error instanceof Problem && error.status === 401)) throw error
      await pause(DOUBT_MS) // signed out or unheard: it goes on at the terminal all the same
    }
  }
  return null
}
