import { describe, expect, it } from 'vitest'
import { allot, editable, inHand, take } from './payment'

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
    expect(allot([first.part, second.part], 3000)).toMatchObject({ due: 0, change: 0, over: 0 })
  })

  it('gives no change on a card', () => expect(take(1000, 'card', 2000)).toEqual({ kind: 'too_much', due: 1000 }))

  it('is nothing when nothing is handed over, except for a free basket', () => {
    expect(take(1000, 'cash', 0)).toEqual({ kind: 'nothing' })
    expect(take(0, 'cash', 0)).toMatchObject({ kind: 'complete', change: 0 })
  })
})

describe('money that is taken before the sale', () => {
  const card = { mode: 'card', tendered: 1000 }
  const cash = { mode: 'cash', tendered: 2000 }

  it('goes into the sale with the payment at the terminal that took it (C4)', () => {
    expect(allot([{ ...card, attempt_id: 'a1' }], 1000).parts).toEqual([{ mode: 'card', amount: 1000, tendered: 1000, attempt_id: 'a1' }])
  })

  it('stays when the basket grows: the rest is asked for', () => {
    expect(allot([card], 1000).due).toBe(0)
    expect(allot([card], 2500)).toMatchObject({ due: 1500, over: 0, parts: [{ mode: 'card', amount: 1000, tendered: 1000 }] })
  })

  it('becomes change where it is cash and the basket shrinks', () => {
    expect(allot([cash], 1500)).toEqual({ due: 0, change: 500, over: 0, parts: [{ mode: 'cash', amount: 1500, tendered: 2000 }] })
    expect(allot([cash], 2500)).toMatchObject({ due: 500, change: 0 })
  })

  it('lets cash pay what a card does not, whichever came first', () => {
    expect(allot([cash, card], 2500)).toMatchObject({ due: 0, change: 500, over: 0, parts: [{ amount: 1500 }, { amount: 1000 }] })
  })

  it('is too much where a card paid more than the basket is worth: no change is given on a card', () => {
    expect(allot([card], 800)).toMatchObject({ due: 0, change: 0, over: 200 })
  })

  it('is all too much for an empty basket, cash too', () => {
    expect(allot([cash, card], 0)).toMatchObject({ due: 0, change: 0, over: 3000 })
    expect(allot([cash, card], 900)).toMatchObject({ over: 2100 })
  })

  it('goes back across the counter only where it lies on it', () => {
    expect(['cash', 'cheque', 'voucher', 'card', 'transfer'].map(inHand)).toEqual([true, true, true, false, false])
  })
})

it('a basket whose sale is on its way cannot change', () => {
  const request = { request_id: 'r', items: [], payments: [], receipt: false, expected_total: 0, catalog_version: 1 }
  expect(editable({ state: 'sealing', request, attempts: 1 })).toBe(false)
  expect(editable({ state: 'none' })).toBe(true)
})
