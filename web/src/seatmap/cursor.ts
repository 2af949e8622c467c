/** Walking from seat to seat by keys: along neighbours first, else to what lies that way on the screen. */
import type { Hall } from './hall'
import { type Grid, runs } from './hit'

export type Direction = 'left' | 'right' | 'up' | 'down'

const HEADING: Record<Direction, [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }
const SIDEWAYS = 2.2 // how much worse it is to be beside the way than far along it
const REACHES = [3, 8, 25, 80] // pitches
const STEEP = 0.35 // rows up to some 70 degrees are walked by left and right, steeper ones (the sides of a stadium) by up and down

/** The next seat that way: a neighbour along the row, else a seat of another row; the same seat at the edge of the house. */
export function step(hall: Hall, grid: Grid, i: number, direction: Direction): number {
  const [hx, hy] = HEADING[direction]
  const along = (other: number) => (hall.x[other]! - hall.x[i]!) * hx + (hall.y[other]! - hall.y[i]!) * hy
  const aside = (other: number) => Math.abs((hall.x[other]! - hall.x[i]!) * hy) + Math.abs((hall.y[other]! - hall.y[i]!) * hx)
  const neighbours = [hall.left[i]!, hall.right[i]!].filter((other) => other >= 0)
  const lying = neighbours.every((other) => Math.abs(hall.x[other]! - hall.x[i]!) >= STEEP * Math.abs(hall.y[other]! - hall.y[i]!))
  const alongRow = lying === (hy === 0)
  if (alongRow) {
    const next = neighbours.find((other) => along(other) > 0)
    if (next !== undefined) return next
  }
  for (const pitches of REACHES) {
    const reach = pitches * hall.pitch
    let [found, best] = [i, Infinity]
    runs(grid, hall.x[i]! - reach, hall.y[i]! - reach, hall.x[i]! + reach, hall.y[i]! + reach, (from, to) => {
      for (let at = from; at < to; at++) {
        const other = grid.seats[at]!
        const forward = along(other)
        if (forward <= 0 || aside(other) > forward * 1.5 || (!alongRow && hall.rowOf[other] === hall.rowOf[i])) continue
        const cost = forward + SIDEWAYS * aside(other)
        if (cost < best) [found, best] = [other, cost]
      }
    })
    if (found !== i) return found
  }
  return i
}

/** First or last seat of the row. */
export function rowEnd(hall: Hall, i: number, last: boolean): number {
  const row = hall.rows[hall.rowOf[i]!]!
  return row.first - 1 + (last ? row.count - 1 : 0)
}

/** The first seat of the zone before or after that has any. */
export function zoneStep(hall: Hall, i: number, by: 1 | -1): number {
  const count = hall.zones.length
  const own = hall.rows[hall.rowOf[i]!]!.zone
  for (let turn = 1; turn <= count; turn++) {
    const rows = hall.zoneRows[(own + by * turn + count * turn) % count]!
    const row = rows.map((number) => hall.rows[number]!).find((each) => each.count)
    if (row) return row.first - 1
  }
  return i
}
