import { expect, it } from 'vitest'
import type { Refundable, RefundableTicket } from '../api/refunds'
import * as refund from './refund'

const ticket = (serial: number, refunded = false): RefundableTicket => ({ key_id: 7, serial, human_code: `K007-${serial}`, seat: '', refunded })
const sale = (payments: Refundable['payments'] = [{ mode: 'cash', left: 3450 }]): Refundable => ({
  order_id: 'o', order_number: 'T01-000001', at: '2026-11-23T10:00:00Z', total: 3450, refunded: 0, refunds: [], reasons: ['other'],
  payments,
  lines: [
    { line: 1, kind: 'admission', label: 'Plein tarif', quantity: 3, left: 2, unit_price: 1200, tickets: [ticket(1, true), ticket(2), ticket(3)] },
    { line: 2, kind: 'product', label: 'Affiche', quantity: 4, left: 3, unit_price: 350, tickets: [] },
  ],
})

it('everything is what is left: living tickets and articles not refunded yet', () => {
  const all = refund.everything(sale(), refund.nothing())
  expect([...all.tickets]).toEqual(['7-2', '7-3'])
  expect(all.quantities).toEqual({ 2: 3 })
  expect(refund.amount(sale(), all)).toBe(2 * 1200 + 3 * 350)
  expect(refund.pieces(sale(), all)).toBe(refund.leftOf(sale()))
})

it('a ticket is chosen and let go by the same touch, and articles stay within what is left', () => {
  const one = refund.toggle(refund.nothing(), ticket(2))
  expect(refund.amount(sale(), one)).toBe(1200)
  expect(refund.pieces(sale(), refund.toggle(one, ticket(2)))).toBe(0)
  const [, posters] = sale().lines
  expect(refund.setQuantity(one, posters!, 9).quantities).toEqual({ 2: 3 })
  expect(refund.setQuantity(one, posters!, -1).quantities).toEqual({ 2: 0 })
})

it('money goes back as it was paid, in proportion, and adds up to the cent', () => {
  const split = sale([{ mode: 'card', left: 2000 }, { mode: 'cash', left: 1450 }])
  for (const total of [1, 350, 1200, 2749, 3450]) {
    const parts = refund.asPaid(split, total)
    expect(parts.reduce((sum, part) => sum + part.amount, 0)).toBe(total)
    for (const part of parts) expect(part.amount).toBeLessThanOrEqual(split.payments.find((one) => one.mode === part.mode)!.left)
  }
  expect(refund.asPaid(split, 3450)).toEqual([{ mode: 'card', amount: 2000 }, { mode: 'cash', amount: 1450 }])
})

it('another mode, or more than was paid by one, needs its own right', () => {
  const all = refund.everything(sale(), refund.nothing())
  expect(refund.isOtherwise(sale(), { ...all, mode: 'cash' })).toBe(false)
  expect(refund.isOtherwise(sale(), { ...all, mode: 'card' })).toBe(true)
  expect(refund.isOtherwise(sale([{ mode: 'cash', left: 3449 }, { mode: 'card', left: 1 }]), { ...all, mode: 'cash' })).toBe(true)
})

it('nothing is asked before something is chosen and why is said', () => {
  const all = refund.everything(sale(), refund.nothing())
  expect(refund.missing(sale(), { ...refund.nothing(), reason: 'other' })).toBe('what')
  expect(refund.missing(sale(), all)).toBe('why')
  expect(refund.missing(sale(), { ...all, reason: 'other' })).toBe(null)
})

it('the request names tickets and lines, and a mode only where one was chosen', () => {
  const chosen = { ...refund.toggle(refund.nothing(), ticket(3)), reason: 'other', note: ' x ' }
  expect(refund.requestOf(sale(), chosen, 'r')).toEqual({
    request_id: 'r', tickets: [{ key_id: 7, serial: 3 }], lines: [], reason: 'other', note: 'x', payments: null, expected_total: 1200,
  })
  expect(refund.requestOf(sale(), { ...chosen, mode: 'card' }, 'r').payments).toEqual([{ mode: 'card', amount: 1200 }])
})
