import { expect, it } from 'vitest'
import { gridOf, inside, nearest, runs } from './hit'
import { roundHall, smallHall } from './house.fixture'

const hall = smallHall()
const grid = gridOf(hall.x, hall.y, 100)

it('a touch finds the nearest seat, and none when all are out of reach', () => {
  expect(nearest(grid, 108, 495, 30)).toBe(0)
  expect(nearest(grid, 124, 500, 30)).toBe(0)
  expect(nearest(grid, 126, 500, 30)).toBe(1)
  expect(nearest(grid, 126, 560, 30)).toBe(-1)
})

it('only wanted seats are found', () => {
  expect(nearest(grid, 100, 500, 200, (i) => i > 3)).toBe(8)
})

it('a touch anywhere finds what looking at every seat finds', () => {
  const round = roundHall(5000)
  const quick = gridOf(round.x, round.y, round.pitch * 2)
  for (let n = 0; n < 300; n++) {
    const [x, y, reach] = [(n * 7919) % 26_000, (n * 104_729) % 26_000, 40 + (n % 5) * 60]
    let [best, found] = [reach * reach, -1]
    for (let i = 0; i < round.seats; i++) {
      const distance = (round.x[i]! - x) ** 2 + (round.y[i]! - y) ** 2
      if (distance <= best) [best, found] = [distance, i]
    }
    const got = nearest(quick, x, y, reach)
    expect(got < 0).toBe(found < 0)
    if (got >= 0) expect((round.x[got]! - x) ** 2 + (round.y[got]! - y) ** 2).toBe(best)
  }
})

it('a frame finds the seats in it and no other', () => {
  expect(inside(grid, 90, 490, 210, 610)).toEqual([0, 1, 2, 8, 9, 10])
  expect(inside(grid, 5000, 5000, 9000, 9000)).toEqual([])
})

it('every seat lies in exactly one run of the whole plan', () => {
  const seen: number[] = []
  runs(grid, -1000, -1000, 99_999, 99_999, (from, to) => seen.push(...grid.seats.subarray(from, to)))
  expect(seen.sort((a, b) => a - b)).toEqual([...Array(hall.seats).keys()])
})
