/** The refunds of the till's HTTP API. Amounts in minor units, positive: what is handed back. */
import type { Claim, JobMark } from './till'

export interface RefundableTicket {
  key_id: number
  serial: number
  human_code: string
  seat: string
  refunded: boolean
}

/** A line of a sale. Places come back by their tickets, articles by how many are `left`. */
export interface RefundableLine {
  line: number
  kind: 'admission' | 'product'
  label: string
  quantity: number
  left: number
  unit_price: number
  tickets: RefundableTicket[]
}

export interface Refundable {
  order_id: string
  order_number: string
  at: string
  total: number
  refunded: number
  lines: RefundableLine[]
  payments: { mode: string; left: number }[] // what may go back by each mode as it was paid, the largest first
  refunds: { refund_number: string; total: number; business_on: string }[]
  reasons: string[]
}

export interface RefundRequest {
  request_id: string
  tickets: { key_id: number; serial: number }[]
  lines: { line: number; quantity: number }[]
  reason: string
  note: string
  payments: { mode: string; amount: number }[] | null // null: by the modes of the sale, in proportion
  expected_total: number
  authorisation?: Claim
}

export interface SealedRefund {
  refund_id: string
  refund_number: string
  order_id: string
  order_number: string
  total: number
  payments: { mode: string; amount: number }[]
  tickets: string[]
  sequence: number
  jobs: JobMark[]
}
