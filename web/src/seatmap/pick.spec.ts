import { describe, expect, it } from 'vitest'
import { smallHall } from './house.fixture'
import { chain, choosable, choose, orphans, type Rules, together } from './pick'
import { FREE, HELD, HOUSE, KILLED, SOLD } from './status'

const hall = smallHall()
const allBut = (...taken: number[]) => (i: number) => !taken.includes(i)
const rules: Rules = { mode: 'pick', house: false, contingents: null, own: new Set() }

describe('who may choose what', () => {
  it('sells free seats only', () => {
    expect([FREE, HELD, SOLD, HOUSE, KILLED].map((byte) => choosable(byte, 0, rules))).toEqual([true, false, false, false, false])
  })

  it('house seats go to whoever has the right, killed ones to nobody', () => {
    expect([HOUSE, KILLED].map((byte) => choosable(byte, 0, { ...rules, house: true }))).toEqual([true, false])
  })

  it('a channel sells from its contingents', () => {
    const own = { ...rules, contingents: [0, 2] }
    expect([0, 1 << 3, 2 << 3].map((byte) => choosable(byte, 0, own))).toEqual([true, false, true])
  })

  it('what the basket holds stays its own', () => {
    expect(choosable(HELD, 5, { ...rules, own: new Set([5]) })).toBe(true)
  })

  it('an editor chooses any seat, a viewer none', () => {
    expect([choosable(SOLD, 0, { ...rules, mode: 'edit' }), choosable(FREE, 0, { ...rules, mode: 'view' })]).toEqual([true, false])
  })
})

describe('seats side by side', () => {
  it('a chain ends at the aisle', () => {
    expect(chain(hall, 2)).toEqual([0, 1, 2, 3, 4])
    expect(chain(hall, 6)).toEqual([5, 6, 7])
  })

  it('the touched seat is among them, and nobody is left alone when that can be', () => {
    expect(together(hall, 1, 3, () => true)).toEqual([0, 1, 2])
    expect(together(hall, 3, 2, () => true)).toEqual([3, 4])
    expect(together(hall, 2, 2, allBut(0))).toEqual([1, 2])
  })

  it('there are none across an aisle or a sold seat', () => {
    expect(together(hall, 6, 4, () => true)).toEqual([])
    expect(together(hall, 1, 3, allBut(2))).toEqual([])
  })
})

describe('a seat left alone', () => {
  it('is told when its last free neighbour is chosen', () => {
    expect(orphans(hall, new Set([1, 2]), () => true)).toEqual([0])
    expect(orphans(hall, new Set([5]), allBut(7))).toEqual([6])
    expect(orphans(hall, new Set([3]), allBut(1, 4))).toEqual([2])
  })

  it('is not told when it was alone before, or keeps a neighbour', () => {
    expect(orphans(hall, new Set([8]), allBut(9))).toEqual([])
    expect(orphans(hall, new Set([0, 1]), () => true)).toEqual([])
    expect(orphans(hall, new Set([5, 6, 7]), () => true)).toEqual([])
  })
})

describe('a touch on a seat', () => {
  it('adds it, and a second one takes it back', () => {
    const once = choose(hall, [], 2, 1, 0, () => true)
    expect(once).toEqual({ chosen: [2], refused: null })
    expect(choose(hall, once.chosen, 2, 1, 0, () => true)).toEqual({ chosen: [], refused: null })
  })

  it('keeps to the limit', () => {
    expect(choose(hall, [0, 1], 2, 1, 2, () => true)).toEqual({ chosen: [0, 1], refused: 'full' })
    expect(choose(hall, [0], 3, 2, 2, () => true).refused).toBe('full')
  })

  it('says when there are not so many side by side', () => {
    expect(choose(hall, [], 17, 3, 0, () => true)).toEqual({ chosen: [], refused: 'too-few' })
  })

  it('takes no seat twice', () => {
    expect(choose(hall, [0, 1], 2, 3, 0, () => true).chosen).toEqual([0, 1, 2, 3, 4])
  })
})
