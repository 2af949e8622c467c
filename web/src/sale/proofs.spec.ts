import { expect, it } from 'vitest'
import type { Layout, Performance, Tariff } from '../api/till'
import { add, type Basket, setQuantity } from './basket'
import { proofsOf, tariffsOf } from './proofs'

const tariff = (id: string, reduced: boolean, proof: string | null): Tariff => ({
  id, label: id, price: 900, vat_rate_bp: 550, category_id: '', category: '', seats: '', reduced, proof,
})
const performance: Performance = {
  id: 'p', starts_at: '', ends_at: '', hall: '', capacity: 10, left: 10, online_left: null, plan: null,
  tariffs: [tariff('full', false, null), tariff('student', true, 'Carte d’étudiant'), tariff('child', true, null)],
}
const layout = {
  pages: [{ id: 'shows', label: '', kind: 'performances', shows: [{ id: 's', title: '', group: '', colour: '', performances: [performance] }] }],
} as unknown as Layout
const offer = (...tariffs: string[]) => ({
  label: '', sublabel: '', price: 900,
  items: tariffs.map((tariff_id) => ({ kind: 'admission' as const, performance_id: 'p', tariff_id, quantity: 1 })),
})
const basketOf = (...offers: ReturnType<typeof offer>[]): Basket => offers.reduce<Basket>((basket, one) => add(basket, one), [])

it('asks for the proof of a reduced tariff, once for all places of its line', () => {
  const basket = basketOf(offer('full'), offer('student'), offer('student'), offer('child'))
  expect(proofsOf(basket, tariffsOf(layout))).toEqual([{ id: `${basket[1]!.id}|student`, label: 'student', proof: 'Carte d’étudiant', places: 2 }])
})

it('keeps its name when the quantity changes, so that what was seen is not asked for again', () => {
  const basket = basketOf(offer('student'))
  const more = setQuantity(basket, basket[0]!.id, 5)
  expect(proofsOf(more, tariffsOf(layout))[0]!.id).toBe(proofsOf(basket, tariffsOf(layout))[0]!.id)
})

it('looks into express keys too', () => {
  expect(proofsOf(basketOf(offer('full', 'student')), tariffsOf(layout))).toHaveLength(1)
})
