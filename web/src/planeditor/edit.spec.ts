import { describe, expect, it } from 'vitest'
import { geometryOf, idsOf, type Plan } from './document'
import { addBlock, aisle, type Block, COMPANION, mirror, move, onGrid, pair, remove, renameRows, renumber, saveCategory, setCategory, setTrait, WHEELCHAIR } from './edit'
import { History } from './history'
import { numbers, rowLabel } from './numbering'

const empty: Plan = {
  format: 'ticketing-plan/1', name: 'Salle', width: 1000, height: 800, focus: [500, 0],
  categories: [{ code: '1', name: 'Une', colour: '#8c1d40' }], zones: [],
}
const block: Block = {
  zone: 'Parterre', rows: 2, seats: 4, firstRow: 'A', numbering: { scheme: 'all', start: 1, fromRight: false }, category: '1', pitch: 50, rowPitch: 90, curve: 0,
}
const house = addBlock(empty, block).plan
const seat = (plan: Plan, id: string) => plan.zones.flatMap((zone) => zone.rows.flatMap((row) => row.seats)).find((each) => each.id === id)!
const ids = (...some: string[]) => new Set(some)

describe('numbering', () => {
  it('counts all, odd or even numbers, from either side, and from the middle outwards', () => {
    expect(numbers(4, { scheme: 'all', start: 5, fromRight: false })).toEqual(['5', '6', '7', '8'])
    expect(numbers(3, { scheme: 'odd', start: 2, fromRight: true })).toEqual(['7', '5', '3'])
    expect(numbers(3, { scheme: 'even', start: 1, fromRight: false })).toEqual(['2', '4', '6'])
    expect(numbers(5, { scheme: 'centre', start: 1, fromRight: false })).toEqual(['5', '3', '1', '2', '4'])
  })
  it('names rows on, past Z too', () => {
    expect([0, 1, 25, 26].map((n) => rowLabel('A', n))).toEqual(['A', 'B', 'Z', 'AA'])
    expect(rowLabel('Z', 1)).toBe('AA')
    expect(rowLabel('9', 2)).toBe('11')
    expect([rowLabel('Loge', 0), rowLabel('Loge', 1), rowLabel('Loge 1', 1)]).toEqual(['Loge', 'Loge2', 'Loge 2'])
  })
})

describe('a block of rows', () => {
  it('stands below what is there, in a zone of its own, each seat beside its neighbours', () => {
    expect(idsOf(house)).toEqual(['z1-A-1', 'z1-A-2', 'z1-A-3', 'z1-A-4', 'z1-B-1', 'z1-B-2', 'z1-B-3', 'z1-B-4'])
    expect(seat(house, 'z1-A-2')).toMatchObject({ left: 'z1-A-1', right: 'z1-A-3', label: '2', x: 475 })
    expect(seat(house, 'z1-A-4').right).toBeUndefined()
    expect(seat(house, 'z1-B-1').y - seat(house, 'z1-A-1').y).toBe(90)
  })
  it('joins a zone that is there, with ids that nobody has, and bends', () => {
    const { plan, added } = addBlock(house, { ...block, zone: 'z1', rows: 1, curve: 30 })
    expect(plan.zones).toHaveLength(1)
    expect(added[0]).toBe('z1-A-1b')
    expect(seat(plan, added[0]!).y).toBeLessThan(seat(plan, added[1]!).y)
    expect(new Set(idsOf(plan)).size).toBe(12)
  })
  it('is what the map draws', () => {
    const drawn = geometryOf(house)
    expect(drawn.seats).toBe(8)
    expect([...drawn.right]).toEqual([1, 2, 3, -1, 5, 6, 7, -1])
    expect(drawn.rows.map((row) => [row.label, row.first, row.count])).toEqual([['A', 1, 4], ['B', 5, 4]])
  })
})

describe('deeds', () => {
  it('leave the plan that they were given as it was', () => {
    const before = JSON.stringify(house)
    setCategory(house, ids('z1-A-1'), '2')
    move(house, ids('z1-A-1'), 5, 5)
    remove(house, ids('z1-A-1'))
    mirror(house, ids('z1-A-1'))
    aisle(house, ids('z1-A-1', 'z1-A-2'))
    expect(JSON.stringify(house)).toBe(before)
  })
  it('removing makes aisles, and forgets empty rows', () => {
    const rest = remove(house, ids('z1-A-2'))
    expect(seat(rest, 'z1-A-1').right).toBeUndefined()
    expect(seat(rest, 'z1-A-3').left).toBeUndefined()
    expect(remove(house, ids('z1-B-1', 'z1-B-2', 'z1-B-3', 'z1-B-4')).zones[0]!.rows).toHaveLength(1)
  })
  it('a group stops at the edge together, and the paper grows to the right', () => {
    const left = move(house, ids('z1-A-1', 'z1-A-2'), -10_000, 0)
    expect([seat(left, 'z1-A-1').x, seat(left, 'z1-A-2').x]).toEqual([0, 50])
    const right = move(house, ids('z1-A-1'), 2000, 0)
    expect(right.width).toBe(seat(right, 'z1-A-1').x)
  })
  it('a drag ends on the grid, and a slip of the hand moves nothing', () => {
    expect([onGrid(61, 25), onGrid(-61, 25), onGrid(12, 25), onGrid(-12, 25)]).toEqual([50, -50, 0, 0])
    expect(move(house, ids('z1-A-1'), 0, 0)).toBe(house)
  })
  it('a mirror turns whole rows: who sat left sits right', () => {
    const turned = mirror(house, ids('z1-A-1'))
    expect(turned.zones[0]!.rows[0]!.seats.map((each) => each.id)).toEqual(['z1-A-4', 'z1-A-3', 'z1-A-2', 'z1-A-1'])
    expect(seat(turned, 'z1-A-1')).toMatchObject({ left: 'z1-A-2', x: seat(house, 'z1-A-4').x })
    expect(mirror(turned, ids('z1-A-1'))).toEqual(house)
  })
  it('an aisle between two seats comes and goes', () => {
    const parted = aisle(house, ids('z1-A-2', 'z1-A-3'))!
    expect(seat(parted, 'z1-A-2').right).toBeUndefined()
    expect(aisle(parted, ids('z1-A-2', 'z1-A-3'))).toEqual(house)
    expect(aisle(house, ids('z1-A-1', 'z1-A-3'))).toBeNull()
  })
  it('chosen seats of each row are numbered anew, and rows named anew', () => {
    const numbered = renumber(house, new Set(idsOf(house)), { scheme: 'centre', start: 1, fromRight: false })
    expect(numbered.zones[0]!.rows[1]!.seats.map((each) => each.label)).toEqual(['3', '1', '2', '4'])
    expect(renameRows(house, ids('z1-A-1', 'z1-B-1'), 'K').zones[0]!.rows.map((row) => row.label)).toEqual(['K', 'L'])
  })
  it('a companion belongs to its space, and no more when one of them is something else', () => {
    const space = setTrait(house, ids('z1-A-1'), WHEELCHAIR, true)
    expect(pair(house, ids('z1-A-1', 'z1-A-2'))).toBeNull()
    const both = pair(space, ids('z1-A-1', 'z1-A-2'))!
    expect(seat(both, 'z1-A-2')).toMatchObject({ traits: COMPANION, companion_of: 'z1-A-1' })
    expect(seat(remove(both, ids('z1-A-1')), 'z1-A-2').companion_of).toBeUndefined()
    expect(seat(setTrait(both, ids('z1-A-1'), WHEELCHAIR, false), 'z1-A-2').traits).toBeUndefined()
  })
  it('a category is added, or changed by its code', () => {
    const more = saveCategory(house, { code: '2', name: 'Deux', colour: '#123456' })
    expect(more.categories).toHaveLength(2)
    expect(saveCategory(more, { code: '2', name: 'Seconde', colour: '#123456' }).categories[1]!.name).toBe('Seconde')
  })
})

describe('history', () => {
  it('goes back and forth, and a new deed ends what was undone', () => {
    const history = new History('a')
    history.do('b')
    history.do('c')
    history.undo()
    expect([history.now, history.canRedo, history.changed]).toEqual(['b', true, true])
    history.redo()
    expect(history.now).toBe('c')
    history.undo()
    history.undo()
    expect([history.now, history.canUndo, history.changed]).toEqual(['a', false, false])
    history.do('d')
    expect(history.canRedo).toBe(false)
  })
})
