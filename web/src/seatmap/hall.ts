/** A plan made ready for a screen: who sits left, in which row, where zones lie, how large a seat is. Made once per plan. */
import { decode, type Geometry, type Row, seatLabel } from './geometry'

export interface Box { left: number; top: number; right: number; bottom: number } // centimetres

export interface Hall extends Geometry {
  left: Int32Array // index of the left neighbour; -1: none
  rowOf: Int32Array // by index: number of its row in `rows`
  pitch: number // centimetres from one seat to the next
  bounds: Box // of everything that is drawn
  zoneBoxes: Box[]
  zoneRows: number[][] // numbers of each zone's rows
}

export const FOLDING = 4
export const REDUCED_VIEW = 8

const USUAL_PITCH = 52
const STAGE = 3.2 // pitches
const ROOM = 1.5 // pitches around seats, so that none touches the edge
const SAMPLE = 4000 // seats measured to learn the pitch

export function openHall(buffer: ArrayBuffer): Hall {
  return hallOf(decode(buffer))
}

export function hallOf(geometry: Geometry): Hall {
  const { x, y, seats, rows, right } = geometry
  const left = new Int32Array(seats).fill(-1)
  right.forEach((neighbour, i) => neighbour >= 0 && (left[neighbour] = i))
  const rowOf = new Int32Array(seats)
  const zoneRows: number[][] = geometry.zones.map(() => [])
  const zoneBoxes = geometry.zones.map((zone) => around(zone.outline))
  const pitch = pitchOf(geometry)
  rows.forEach((row, number) => {
    zoneRows[row.zone]!.push(number)
    const box = zoneBoxes[row.zone]!
    for (let i = row.first - 1; i < row.first - 1 + row.count; i++) {
      rowOf[i] = number
      grow(box, x[i]!, y[i]!)
    }
  })
  const bounds = around([geometry.focus, ...geometry.areas.flatMap((area) => area.outline)])
  for (const box of zoneBoxes) {
    grow(bounds, box.left, box.top)
    grow(bounds, box.right, box.bottom)
  }
  return { ...geometry, left, rowOf, pitch, zoneRows, bounds: withStage(wider(bounds, pitch * ROOM), geometry.focus, pitch * STAGE), zoneBoxes: zoneBoxes.map((box) => wider(box, pitch * ROOM)) }
}

/** The shortest usual distance between seats: side by side, or of one row behind another. */
function pitchOf({ x, y, right, seats }: Geometry): number {
  const step = Math.max(1, Math.floor(seats / SAMPLE))
  const found: number[] = []
  for (let i = 0; i < seats; i += step) {
    const neighbour = right[i]!
    if (neighbour >= 0) found.push(Math.hypot(x[neighbour]! - x[i]!, y[neighbour]! - y[i]!))
  }
  found.sort((a, b) => a - b)
  return found[found.length >> 1] || USUAL_PITCH
}

/** Room for the stage where it lies at the edge. */
function withStage(box: Box, [x, y]: [number, number], room: number): Box {
  return { left: Math.min(box.left, x - room), top: Math.min(box.top, y - room), right: Math.max(box.right, x + room), bottom: Math.max(box.bottom, y + room) }
}

function around(points: [number, number][]): Box {
  const box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
  for (const [x, y] of points) grow(box, x, y)
  return box
}

function grow(box: Box, x: number, y: number): void {
  box.left = Math.min(box.left, x)
  box.top = Math.min(box.top, y)
  box.right = Math.max(box.right, x)
  box.bottom = Math.max(box.bottom, y)
}

export const wider = (box: Box, by: number): Box => ({ left: box.left - by, top: box.top - by, right: box.right + by, bottom: box.bottom + by })

export const rowAt = (hall: Hall, i: number): Row => hall.rows[hall.rowOf[i]!]!

export const zoneAt = (hall: Hall, i: number): number => rowAt(hall, i).zone

/** What is written on a seat, by index. */
export const labelAt = (hall: Hall, i: number): string => seatLabel(rowAt(hall, i), i + 1)

/** All seats around the middle of the look (a stadium, a circus), or on one side of it (a stage). */
export function surrounded(hall: Hall): boolean {
  const [fx, fy] = hall.focus
  const quadrants = new Set<number>()
  const step = Math.max(1, Math.floor(hall.seats / SAMPLE))
  for (let i = 0; i < hall.seats; i += step) quadrants.add((hall.x[i]! > fx ? 1 : 0) + (hall.y[i]! > fy ? 2 : 0))
  return quadrants.size === 4
}
