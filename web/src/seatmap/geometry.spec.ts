import { describe, expect, it } from 'vitest'
import { decode, seatLabel } from './geometry'

/** The binary of two rows: 1 2 3 with neighbours, and 2 4 beyond the 16-bit middle. */
function binary(): ArrayBuffer {
  const header = {
    seats: 5, name: 'Été', width: 40_000, height: 300, focus: [10, 0],
    categories: [{ code: '1', name: 'Une', colour: '#111111' }, { code: '2', name: 'Deux', colour: '#222222' }],
    zones: [{ id: 'p', name: 'Parterre', outline: [] }], areas: [],
    rows: [{ zone: 0, label: 'A', first: 1, count: 3, labels: ['1', '2', '3bis'] }, { zone: 0, label: 'B', first: 4, count: 2, start: 2, step: 2 }],
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + text.length
  const at = start + ((4 - (start % 4)) % 4)
  const buffer = new ArrayBuffer(at + 5 * 8)
  const bytes = new Uint8Array(buffer)
  bytes.set(new TextEncoder().encode('TKG1'))
  new DataView(buffer).setUint32(4, text.length, true)
  bytes.set(text, 8)
  new Int16Array(buffer, at, 5).set([100, 50, 50, 32_500, 50])
  new Int16Array(buffer, at + 10, 5).set([10, 0, 0, 90, 0])
  new Int16Array(buffer, at + 20, 5).set([1, 1, 0, 1, 0])
  bytes.set([0, 0, 1, 1, 1], at + 30)
  bytes.set([0, 0, 1, 0, 2], at + 35)
  return buffer
}

describe('the geometry of a plan', () => {
  it('puts each seat where it is, also beyond 32,767 centimetres', () => {
    const plan = decode(binary())
    expect([...plan.x]).toEqual([100, 150, 200, 32_700, 32_750])
    expect([...plan.y]).toEqual([10, 10, 10, 100, 100])
  })

  it('knows who sits to the right, and who has nobody there', () => {
    expect([...decode(binary()).right]).toEqual([1, 2, -1, 4, -1])
  })

  it('names seats from a list or by their step', () => {
    const { rows } = decode(binary())
    expect([seatLabel(rows[0]!, 3), seatLabel(rows[1]!, 5)]).toEqual(['3bis', '4'])
  })

  it('refuses what is no geometry', () => {
    expect(() => decode(new ArrayBuffer(40))).toThrow('no geometry')
  })
})
