/** The refund of one sale: what may come back, what is chosen, and where it stands. Opened by the order's id. */
import { till } from '../api/client'
import { effectUnknown, Problem } from '../api/problem'
import type { Refundable, RefundRequest, SealedRefund } from '../api/refunds'
import { money, t } from '../i18n/i18n.svelte'
import { amount, type Choice, everything, missing, nothing, requestOf } from '../sale/refund'
import { override } from './override.svelte'
import { inWords, register, requestId } from './register.svelte'

const RETRY_MS = 1000
const CHANGED = new Set(['NOTHING_TO_REFUND', 'AMOUNT_CHANGED']) // something came back meanwhile: show what is left

/** Where a refund stands. The panel shows exactly one of these. */
export type RefundStep =
  | { state: 'loading' }
  | { state: 'unavailable'; why: string }
  | { state: 'choosing'; sale: Refundable }
  | { state: 'sealing'; sale: Refundable; attempts: number }
  | { state: 'done'; refund: SealedRefund }

class Refunding {
  step = $state.raw<RefundStep>({ state: 'loading' })
  choice = $state.raw<Choice>(nothing())
  problem = $state('')

  private orderId = ''

  /** Open the panel for a sale of this till. A refund that waits for its answer keeps the panel. */
  open(orderId: string): void {
    register.side = 'refund'
    if (this.step.state === 'sealing') return
    this.orderId = orderId
    this.choice = nothing()
    this.problem = ''
    void this.load()
  }

  private async load(): Promise<void> {
    this.step = { state: 'loading' }
    try {
      this.step = { state: 'choosing', sale: await till.refundable(this.orderId) }
    } catch (error) {
      this.step = { state: 'unavailable', why: inWords(error) }
    }
  }

  change(part: Partial<Choice>): void {
    this.choice = { ...this.choice, ...part }
    this.problem = ''
  }

  all(): void {
    if (this.step.state === 'choosing') this.change(everything(this.step.sale, this.choice))
  }

  /** Make the refund; where the cashier has not the right, with a manager's leave. */
  async confirm(): Promise<void> {
    if (this.step.state !== 'choosing' || missing(this.step.sale, this.choice)) return
    const { sale } = this.step
    const request = requestOf(sale, this.choice, requestId())
    this.problem = ''
    try {
      const what = `${t('refund.confirm', { amount: money(amount(sale, this.choice)) })} · ${sale.order_number}`
      await override.attempt(what, (authorisation) => this.seal(sale, { ...request, authorisation }))
    } catch (error) {
      await this.refused(error)
    }
  }

  /**
   * Send the refund until someone answers, always with the same id: it is made once, whatever gets lost on the way.
   * It is not kept for a reload, as it may hold a PIN; a reload shows what is left of the sale.
   */
  private async seal(sale: Refundable, request: RefundRequest): Promise<void> {
    for (let attempts = 1; ; attempts += 1) {
      this.step = { state: 'sealing', sale, attempts }
      try {
        this.step = { state: 'done', refund: await till.refund(sale.order_id, request) }
        this.choice = nothing()
        register.refresh()
        return
      } catch (error) {
        if (!effectUnknown(error)) {
          this.step = { state: 'choosing', sale }
          throw error
        }
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
      }
    }
  }

  private async refused(error: unknown): Promise<void> {
    if (error instanceof Problem && CHANGED.has(error.reason)) {
      this.choice = nothing()
      await this.load()
    }
    this.problem = inWords(error)
  }
}

export const refunding = new Refunding()
