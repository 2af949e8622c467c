import { describe, expect, it } from 'vitest'
import { editable, paid, take } from './payment'

describe('taking a payment', () => {
  it('computes the change of cash and keeps what was tendered (LAW-26)', () => {
    expect(take(1250, 'cash', 2000)).toEqual({ kind: 'complete', part: { mode: 'cash', amount: 1250, tendered: 2000 }, change: 750 })
  })

  it('leaves the rest to another mode', () => {
    const first = take(3000, 'cheque', 1000)
    expect(first).toMatchObject({ kind: 'partial', remaining: 2000 })
    if (first.kind !== 'partial') throw new Error('unreachable')
    const second = take(first.remaining, 'card', 2000)
    if (second.kind !== 'complete') throw new Error('unreachable')
    expect(paid([first.part, second.part])).toBe(3000)
  })

  it('gives no change on a card', () => expect(take(1000, 'card', 2000)).toEqual({ kind: 'too_much', due: 1000 }))

  it('is nothing when nothing is handed over, except for a free basket', () => {
    expect(take(1000, 'cash', 0)).toEqual({ kind: 'nothing' })
    expect(take(0, 'cash', 0)).toMatchObject({ kind: 'complete', change: 0 })
  })
})

it('a basket whose sale is on its way cannot change', () => {
  const request = { request_id: 'r', items: [], payments: [], receipt: false, expected_total: 0, catalog_version: 1 }
  expect(editable({ state: 'sealing', request, attempts: 1 })).toBe(false)
  expect(editable({ state: 'none' })).toBe(true)
})
