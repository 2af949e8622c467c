import { describe, expect, it } from 'vitest'
import { smallHall } from './house.fixture'
import { allFree, apply, count, decodeStatus, FREE, HELD, recount, SOLD } from './status'

function snapshot(version: bigint, bytes: number[]): ArrayBuffer {
  const buffer = new ArrayBuffer(16 + bytes.length)
  new Uint8Array(buffer).set(new TextEncoder().encode('TKS1'))
  new DataView(buffer).setUint32(4, bytes.length, true)
  new DataView(buffer).setBigUint64(8, version, true)
  new Uint8Array(buffer).set(bytes, 16)
  return buffer
}

describe('the snapshot', () => {
  it('gives a version and a byte for each seat', () => {
    const status = decodeStatus(snapshot(5_000_000_000n, [0, 4, 9]), 3)
    expect([status.version, ...status.bytes]).toEqual([5_000_000_000, 0, 4, 9])
  })

  it('is refused when it is of another plan, cut short, or something else', () => {
    expect(() => decodeStatus(snapshot(1n, [0, 0]), 3)).toThrow('2 seats for a plan of 3')
    expect(() => decodeStatus(snapshot(1n, [0, 0, 0]).slice(0, 18), 3)).toThrow()
    expect(() => decodeStatus(new ArrayBuffer(40), 3)).toThrow('no status')
    expect(() => decodeStatus(new ArrayBuffer(4), 3)).toThrow('no status')
  })
})

describe('a delta', () => {
  const at = (version: number) => ({ version, bytes: new Uint8Array(4) })

  it('that follows our version is applied', () => {
    const status = at(41)
    expect(apply(status, { from: 41, to: 42, seats: [2, SOLD, 4, HELD] })).toEqual({ outcome: 'applied', changed: [1, 3], before: [0, 0] })
    expect([status.version, ...status.bytes]).toEqual([42, 0, SOLD, 0, HELD])
  })

  it('that we know already changes nothing', () => {
    const status = at(42)
    expect(apply(status, { from: 41, to: 42, seats: [1, SOLD] })).toEqual({ outcome: 'old' })
    expect([status.version, status.bytes[0]]).toEqual([42, FREE])
  })

  it('that begins after our version tells of a gap, and changes nothing', () => {
    const status = at(41)
    expect(apply(status, { from: 43, to: 44, seats: [1, SOLD] })).toEqual({ outcome: 'gap' })
    expect([status.version, status.bytes[0]]).toEqual([41, FREE])
  })

  it('that overlaps our version is applied: bytes say where seats stand at its end', () => {
    const status = at(42)
    expect(apply(status, { from: 40, to: 44, seats: [1, SOLD] }).outcome).toBe('applied')
    expect(status.version).toBe(44)
  })

  it('of a seat that the plan has not means that we are out of step', () => {
    expect(apply(at(1), { from: 1, to: 2, seats: [5, SOLD] }).outcome).toBe('gap')
  })
})

it('counts follow changes without counting the house again', () => {
  const hall = smallHall()
  const status = allFree(hall.seats)
  const counts = count(hall, status.bytes)
  expect([counts[FREE], counts[8 + FREE]]).toEqual([8, 10])
  for (const seats of [[1, SOLD, 9, HELD, 18, SOLD], [1, FREE, 9, SOLD | (3 << 3)]]) {
    const applied = apply(status, { from: status.version, to: status.version + 1, seats })
    if (applied.outcome === 'applied') recount(hall, counts, status.bytes, applied.changed, applied.before)
    expect(counts).toEqual(count(hall, status.bytes))
  }
})
