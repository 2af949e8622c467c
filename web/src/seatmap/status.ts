/** Where each seat stands: the snapshot "TKS1" of the live gateway and the deltas that follow it. */
import type { Hall } from './hall'

export const FREE = 0
export const HELD = 1
export const LEASED = 2
export const OPTIONED = 3
export const SOLD = 4
export const HOUSE = 5
export const KILLED = 6
export const APART = 7 // free, but too near to somebody: it stays empty
export const STATES = [FREE, HELD, LEASED, OPTIONED, SOLD, HOUSE, KILLED, APART]

export interface Status {
  version: number
  bytes: Uint8Array // by index = ordinal - 1: state in bits 0 to 2, contingent above
}

/** One server-sent event "seats": ordinal, byte, ordinal, byte… */
export interface Delta { from: number; to: number; seats: number[] }

const MAGIC = 'TKS1'
const START = 16

export const stateOf = (byte: number): number => byte & 7
export const contingentOf = (byte: number): number => byte >> 3

/** Throws when the bytes are no snapshot, or one of another plan. */
export function decodeStatus(buffer: ArrayBuffer, seats: number): Status {
  const head = new DataView(buffer)
  if (buffer.byteLength < START || new TextDecoder().decode(new Uint8Array(buffer, 0, 4)) !== MAGIC) throw new Error('this is no status of seats')
  const n = head.getUint32(4, true)
  if (n !== seats || buffer.byteLength < START + n) throw new Error(`a status of ${n} seats for a plan of ${seats}`)
  return { version: Number(head.getBigUint64(8, true)), bytes: new Uint8Array(buffer.slice(START, START + n)) }
}

export const allFree = (seats: number): Status => ({ version: 0, bytes: new Uint8Array(seats) })

export type Applied =
  | { outcome: 'applied'; changed: number[]; before: number[] } // indices, and the bytes that they had
  | { outcome: 'old' } // known already
  | { outcome: 'gap' } // something between was missed: load the snapshot again

/**
 * Bytes say where a seat stands at `to`, so a delta that begins before our version and ends after it is as good as one
 * that begins at it.
 */
export function apply(status: Status, { from, to, seats }: Delta): Applied {
  if (to <= status.version) return { outcome: 'old' }
  if (from > status.version) return { outcome: 'gap' }
  const changed: number[] = []
  const before: number[] = []
  for (let at = 0; at + 1 < seats.length; at += 2) {
    const i = seats[at]! - 1
    const byte = seats[at + 1]!
    if (i < 0 || i >= status.bytes.length) return { outcome: 'gap' }
    if (status.bytes[i] === byte) continue
    changed.push(i)
    before.push(status.bytes[i]!)
    status.bytes[i] = byte
  }
  status.version = to
  return { outcome: 'applied', changed, before }
}

/** How many seats of each category stand how: counts[category * 8 + state]. */
export function count(hall: Hall, bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(hall.categories.length * 8)
  for (let i = 0; i < hall.seats; i++) counts[hall.category[i]! * 8 + stateOf(bytes[i]!)]! += 1
  return counts
}

/** The counts after a change, without counting the house again. */
export function recount(hall: Hall, counts: Uint32Array, bytes: Uint8Array, changed: number[], before: number[]): void {
  changed.forEach((i, at) => {
    const category = hall.category[i]! * 8
    counts[category + stateOf(before[at]!)]! -= 1
    counts[category + stateOf(bytes[i]!)]! += 1
  })
}
