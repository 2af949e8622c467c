import { expect, it } from 'vitest'
import { rowEnd, step, zoneStep } from './cursor'
import { gridOf } from './hit'
import { roundHall, smallHall } from './house.fixture'

const hall = smallHall()
const grid = gridOf(hall.x, hall.y, 100)

it('arrows walk along neighbours and over the aisle', () => {
  expect([step(hall, grid, 0, 'right'), step(hall, grid, 4, 'right'), step(hall, grid, 5, 'left'), step(hall, grid, 3, 'left')]).toEqual([1, 5, 4, 2])
})

it('arrows walk from row to row, and on to the box far away', () => {
  expect([step(hall, grid, 2, 'down'), step(hall, grid, 10, 'up'), step(hall, grid, 15, 'down')]).toEqual([10, 2, 16])
})

it('at the edge of the house the cursor stays', () => {
  expect([step(hall, grid, 0, 'left'), step(hall, grid, 0, 'up')]).toEqual([0, 0])
})

it('home and end are the ends of the row, page keys the next zone, round and round', () => {
  expect([rowEnd(hall, 10, false), rowEnd(hall, 10, true), zoneStep(hall, 3, 1), zoneStep(hall, 17, 1), zoneStep(hall, 3, -1)]).toEqual([8, 15, 16, 0, 16])
})

it('arrows reach every seat of a round house', () => {
  const round = roundHall(2000)
  const cells = gridOf(round.x, round.y, round.pitch * 2)
  const seen = new Set<number>()
  const waiting = [0]
  while (waiting.length) {
    const i = waiting.pop()!
    if (seen.has(i)) continue
    seen.add(i)
    for (const way of ['left', 'right', 'up', 'down'] as const) waiting.push(step(round, cells, i, way))
  }
  expect(seen.size).toBe(round.seats)
})
