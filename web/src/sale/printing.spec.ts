import { expect, test } from 'vitest'
import type { Printer } from '../api/till'
import type { Basket } from './basket'
import { stuck } from './printing'

const line = (item: Basket[number]['items'][number]): Basket => [{ id: 'x', label: 'x', sublabel: '', price: 1, quantity: 1, items: [item] }]
const tickets = line({ kind: 'admission', performance_id: 'p', tariff_id: 't', quantity: 1 })
const poster = line({ kind: 'product', product_id: 'p', option: null, quantity: 1 })
const reserved = line({ kind: 'reserved', reservation_id: 'r', quantity: 1 })
const printers = (ticket: Printer['state'], receipt: Printer['state']): Printer[] => [
  { role: 'ticket', state: ticket, causes: [] },
  { role: 'receipt', state: receipt, causes: [] },
]
const roles = (found: Printer[]) => found.map((printer) => printer.role)

test('a sale is stopped by a printer that it needs and that somebody must see to', () => {
  expect(roles(stuck(printers('blocked', 'ready'), tickets, false))).toEqual(['ticket'])
  expect(roles(stuck(printers('offline', 'ready'), reserved, false))).toEqual(['ticket'])
  expect(roles(stuck(printers('blocked', 'offline'), tickets, true))).toEqual(['ticket', 'receipt'])
})

test('a printer that the sale does not need stops nothing', () => {
  expect(stuck(printers('blocked', 'offline'), poster, false)).toEqual([])
  expect(roles(stuck(printers('blocked', 'offline'), poster, true))).toEqual(['receipt'])
})

test('low paper, or a printer not yet asked, is no reason to keep a customer waiting', () => {
  expect(stuck(printers('attention', 'unknown'), tickets, true)).toEqual([])
})
