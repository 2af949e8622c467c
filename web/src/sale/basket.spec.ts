import { describe, expect, it } from 'vitest'
import type { Item } from '../api/till'
import { add, type Basket, count, isFixed, itemsOf, type Offer, placesTaken, reprice, seatsOf, setQuantity, signature, total } from './basket'

const admission = (tariff: string, quantity = 1): Item => ({ kind: 'admission', performance_id: 'p1', tariff_id: tariff, quantity })
const adult: Offer = { label: 'Plein tarif', sublabel: '14:30', price: 1250, items: [admission('full')] }
const poster: Offer = { label: 'Affiche', sublabel: '', price: 990, items: [{ kind: 'product', product_id: 'poster', option: null, quantity: 1 }] }
const family: Offer = { label: 'Famille', sublabel: '', price: 3000, items: [admission('full', 2), admission('child', 2)] }
const of = (...offers: Offer[]): Basket => offers.reduce<Basket>(add, [])

describe('the basket', () => {
  it('adds a second of the same thing to its line, whichever key it comes from', () => {
    const basket = of(adult, poster, { ...adult, label: 'Adulte' })
    expect(basket.map((line) => [line.label, line.quantity])).toEqual([['Plein tarif', 2], ['Affiche', 1]])
  })

  it('holds tickets and articles together and adds up cents exactly (A3)', () => {
    const basket = of(adult, adult, poster)
    expect(total(basket)).toBe(3490)
    expect(count(basket)).toBe(3)
  })

  it('keeps an express key as one line and sends its items one by one (B1)', () => {
    const basket = of(family, adult)
    expect(basket).toHaveLength(2)
    expect(total(basket)).toBe(4250)
    expect(itemsOf(basket)).toEqual([admission('full', 3), admission('child', 2)])
    expect(placesTaken(basket, 'p1')).toBe(5)
    expect(placesTaken(basket, 'p2')).toBe(0)
  })

  it('tells two options of an article apart', () => {
    const small: Item = { kind: 'product', product_id: 'shirt', option: 'S', quantity: 1 }
    expect(signature([small])).not.toBe(signature([{ ...small, option: 'M' }]))
  })

  it('takes a line away at zero and never goes below or beyond what a till sells', () => {
    const basket = of(adult)
    const id = basket[0]!.id
    expect(setQuantity(basket, id, 0)).toEqual([])
    expect(setQuantity(basket, id, -4)).toEqual([])
    expect(setQuantity(basket, id, 5000)[0]!.quantity).toBe(999)
  })

  it('follows a price that changed and names the line', () => {
    const offers = new Map([[signature(adult.items), { ...adult, price: 1300 }]])
    const { basket, changed } = reprice(of(adult, poster), offers)
    expect(total(basket)).toBe(2290)
    expect(changed).toEqual(['Plein tarif'])
  })
})

describe('numbered seats in the basket', () => {
  const seats = (...ordinals: number[]): Offer => ({
    label: 'Cyrano', sublabel: 'C 12', price: 4000 * ordinals.length,
    items: [{ kind: 'admission', performance_id: 'p1', tariff_id: 'full', category_id: 'c1', quantity: ordinals.length, seats: ordinals }],
  })

  it('stay a line of their own, taken once: a seat is nobody else’s (G1)', () => {
    const basket = of(seats(3, 4), seats(3, 4), seats(9), adult)
    expect(basket.map((line) => line.quantity)).toEqual([1, 1, 1])
    expect(basket.map(isFixed)).toEqual([true, true, false])
    expect(seatsOf(basket[0]!)).toEqual({ performance: 'p1', seats: [3, 4] })
    expect(itemsOf(basket).map((item) => item.quantity)).toEqual([2, 1, 1])
    expect(placesTaken(basket, 'p1')).toBe(4)
    expect(count(basket)).toBe(4)
  })

  it('are told from the best ones of the same price, and of another category', () => {
    const best = (category: string): Item => ({ kind: 'admission', performance_id: 'p1', tariff_id: 'full', category_id: category, quantity: 1 })
    expect(new Set([signature([best('c1')]), signature([best('c2')]), signature(seats(3).items)]).size).toBe(3)
  })
})
