import { describe, expect, it } from 'vitest'
import { fromLocal, moved, newItem, PALETTE, toLocal, withKey, withProduct, withShow, type Choices, type Draft } from './draft'

const key = (id: string) => ({ id, label: id, sublabel: '', colour: '', items: [] })
const draft: Draft = {
  pages: [
    { id: 'a', label: 'A', kind: 'PAGE_KIND_KEYS', keys: [key('1'), key('2')], venue_ids: [] },
    { id: 'b', label: 'B', kind: 'PAGE_KIND_PRODUCTS', keys: [], venue_ids: [] },
  ],
  payment_modes: ['cash'],
  ticket_template: 'small',
}
const choices: Choices = {
  shows: [{ id: 's', name: 'Visite' }],
  tariffs: [{ id: 't', name: 'Plein' }],
  venues: [],
  points: [],
  tills: [],
  profiles: [],
  cashiers: [],
  products: [{ id: 'p', name: 'Tee-shirt', options: [{ code: 'M', name: 'M' }] }],
  modes: [],
}

/** WCAG 2.2: contrast of white on a colour. */
function onWhite(colour: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = parseInt(colour.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 1.05 / (0.2126 * red! + 0.7152 * green! + 0.0722 * blue! + 0.05)
}

describe('a draft', () => {
  it('moves things and keeps all of them (B5)', () => {
    expect(moved(['a', 'b', 'c', 'd'], 0, 2)).toEqual(['b', 'c', 'a', 'd'])
    expect(moved(['a', 'b', 'c', 'd'], 3, 0)).toEqual(['d', 'a', 'b', 'c'])
    expect(moved(['a', 'b'], 1, 9)).toEqual(['a', 'b'])
  })

  it('changes one key and shares the rest, so that undoing costs nothing', () => {
    const changed = withKey(draft, 'a', '2', { label: 'Deux' })
    expect(changed.pages[0]!.keys.map((one) => one.label)).toEqual(['1', 'Deux'])
    expect(changed.pages[1]).toBe(draft.pages[1])
    expect(changed.ticket_template).toBe('small')
    expect(draft.pages[0]!.keys[1]!.label).toBe('2')
  })

  it('names one thing per line of a key: a show with its tariff, or an article with its option (B1)', () => {
    const place = newItem(choices)
    expect([place.show_id, place.tariff_id, place.product_id]).toEqual(['s', 't', ''])
    const shirt = withProduct(place, choices.products[0]!)
    expect([shirt.show_id, shirt.tariff_id, shirt.product_id, shirt.option]).toEqual(['', '', 'p', 'M'])
    expect(withShow(shirt, 's', choices)).toEqual(place)
  })

  it('has colours that stand out', () => {
    for (const colour of PALETTE) expect(onWhite(colour), colour).toBeGreaterThanOrEqual(4.5)
  })
})

describe('instants of messages', () => {
  it('come back from the field as they went in', () => {
    expect(fromLocal(toLocal('2031-07-14T18:30:00Z'))).toBe('2031-07-14T18:30:00.000Z')
    expect(toLocal(undefined)).toBe('')
  })
})
