/** Walking from seat to seat by keys: along neighbours first, else to what lies that way on the screen. */
import type { Hall } from './hall'
import { type Grid, runs } from './hit'

export type Direction = 'left' | 'right' | 'up' | 'down'

const HEADING: Record<Direction, [number, number]> = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] }
const SIDEWAYS = 2.2 // how much worse it is to be beside the way than far along it
const REACHES = [3, 8, 25, 80] // pitches

/** The next seat that way; the same one at the edge of the house. */
export function step(hall: Hall, grid: Grid, i: number, direction: Direction): number {
  const [hx, hy] = HEADING[direction]
  const along = (other: number) => (hall.x[other]! - hall.x[i]!) * hx + (hall.y[other]! - hall.y[i]!) * hy
  const aside = (other: number) => Math.abs((hall.x[other]! - hall.x[i]!) * hy) + Math.abs((hall.y[other]! - hall.y[i]!) * hx)
  for (const neighbour of [hall.left[i]!, hall.right[i]!]) {
    if (neighbour >= 0 && along(neighbour) > 0 && along(neighbour) >= aside(neighbour)) return neighbour
  }
  for (const pitches of REACHES) {
    const reach = pitches * hall.pitch
    let [found, best] = [i, Infinity]
    runs(grid, hall.x[i]! - reach, hall.y[i]! - reach, hall.x[i]! + reach, hall.y[i]! + reach, (from, to) => {
      for (let at = from; at < to; at++) {
        const other = grid.seats[at]!
        const forward = along(other)
        if (forward <= 0 || aside(other) > forward * 1.5) continue
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
