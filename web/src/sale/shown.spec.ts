import { describe, expect, it } from 'vitest'
import type { Basket } from './basket'
import { allot, type Payment } from './payment'
import { newestOf, shownOf } from './shown'

const basket: Basket = [
  { id: 'a', label: 'Plein tarif', sublabel: '14:30', price: 1200, items: [], quantity: 2 },
  { id: 'b', label: 'Affiche', sublabel: '', price: 450, items: [], quantity: 1 },
]
const sale = (payment: Payment, tendered = 0, taken: Parameters<typeof allot>[0] = []) =>
  shownOf({ basket, newest: 1, total: 2850, allotment: allot(taken, 2850), payment, tendered })
const entering = (mode: string, typed: string): Payment => ({ state: 'entering', mode, typed, receipt: false })

describe('what the customer sees', () => {
  it('has each line with its own total', () => {
    const shown = sale({ state: 'none' })
    expect(shown.state).toBe('basket')
    expect(shown.lines.map((line) => [line.quantity, line.total])).toEqual([[2, 2400], [1, 450]])
  })
  it('says the change once something was handed over, and not before', () => {
    expect(sale(entering('cash', ''), 2850)).toMatchObject({ state: 'paying', due: 2850, tendered: 0, change: 0 })
    expect(sale(entering('cash', '50'), 5000)).toMatchObject({ tendered: 5000, change: 2150 })
    expect(sale(entering('card', '28,50'), 2850)).toMatchObject({ tendered: 0, change: 0 })
  })
  it('says what is still due after a part was taken', () => {
    expect(sale(entering('card', ''), 850, [{ mode: 'cash', tendered: 2000 }])).toMatchObject({ total: 2850, due: 850 })
  })
  it('ends with what was paid and what goes back, and without the lines', () => {
    const done = { order_id: '', order_number: '', total: 2850, change: 2150, sequence: 1, tickets: [], jobs: [] }
    const shown = sale({ state: 'sealed', sale: done, payments: [{ mode: 'cash', amount: 2850, tendered: 5000 }] })
    expect(shown).toEqual({ state: 'done', lines: [], newest: 0, total: 2850, due: 0, tendered: 5000, change: 2150 })
  })
  it('welcomes who comes next', () => {
    expect(shownOf({ basket: [], newest: 0, total: 0, allotment: allot([], 0), payment: { state: 'none' }, tendered: 0 }).state).toBe('welcome')
  })
})

describe('the line touched last', () => {
  it('is the new one, or the one whose quantity has changed', () => {
    expect(newestOf(basket.slice(0, 1), basket)).toBe(1)
    expect(newestOf(basket, basket.map((line) => (line.id === 'a' ? { ...line, quantity: 3 } : line)))).toBe(0)
    expect(newestOf(basket, basket.slice(0, 1))).toBe(0)
  })
})
