/** A plan in its own format ("ticketing-plan/1", libs/seating), and what the seat map draws of it. */
import type { Geometry, Row as DrawnRow } from '../seatmap/geometry'

export interface Seat {
  id: string
  label: string
  x: number // centimetres, as every position
  y: number
  category: string
  left?: string
  right?: string
  quality?: number // rank, 1 is best; absent: 1
  traits?: number
  companion_of?: string
  box?: string
}

export interface Row { label: string; seats: Seat[] } // from left to right
export interface Zone { id: string; name: string; rows: Row[]; outline?: [number, number][] }
export interface Category { code: string; name: string; colour: string }

export interface Plan {
  format: string
  name: string
  width: number
  height: number
  focus: [number, number]
  categories: Category[]
  zones: Zone[]
  areas?: { id: string; name: string; capacity: number; category: string; outline?: [number, number][] }[]
}

export const MAX_SIZE = 32_767

/** Every seat, by rising ordinal. */
export function* seatsOf(plan: Plan): Generator<Seat> {
  for (const zone of plan.zones) for (const row of zone.rows) yield* row.seats
}

/** Ids by ordinal - 1. */
export const idsOf = (plan: Plan): string[] => [...seatsOf(plan)].map((seat) => seat.id)

export function geometryOf(plan: Plan): Geometry {
  const seats = [...seatsOf(plan)]
  const index = new Map(seats.map((seat, i) => [seat.id, i]))
  const codes = new Map(plan.categories.map((category, i) => [category.code, i]))
  const rows: DrawnRow[] = []
  let first = 1
  plan.zones.forEach((zone, number) => {
    for (const row of zone.rows) {
      rows.push({ zone: number, label: row.label, first, count: row.seats.length, labels: row.seats.map((seat) => seat.label) })
      first += row.seats.length
    }
  })
  return {
    name: plan.name,
    width: plan.width,
    height: plan.height,
    focus: plan.focus,
    categories: plan.categories,
    zones: plan.zones.map((zone) => ({ id: zone.id, name: zone.name, outline: zone.outline ?? [] })),
    areas: (plan.areas ?? []).map((area) => ({ ...area, outline: area.outline ?? [] })),
    rows,
    seats: seats.length,
    x: Uint16Array.from(seats, (seat) => seat.x),
    y: Uint16Array.from(seats, (seat) => seat.y),
    right: Int32Array.from(seats, (seat) => (seat.right === undefined ? -1 : (index.get(seat.right) ?? -1))),
    category: Uint8Array.from(seats, (seat) => codes.get(seat.category) ?? 0),
    traits: Uint8Array.from(seats, (seat) => seat.traits ?? 0),
  }
}
