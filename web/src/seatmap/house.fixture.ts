/** Houses for tests. */
import { type Hall, hallOf } from './hall'

/**
 *   Parterre A   1 2 3 4 5 | 6 7 8     indices 0 to 4, 5 to 7
 *   Parterre B   1 2 3 4 5 | 6 7 8             8 to 12, 13 to 15; the fourth is a wheelchair space, the fifth its companion's
 *   Loge 1       1 2                           16, 17
 */
export function smallHall(): Hall {
  const x: number[] = []
  const y: number[] = []
  const right: number[] = []
  for (const line of [500, 600]) {
    for (let place = 0; place < 8; place++) {
      right.push(place === 4 || place === 7 ? -1 : x.length + 1)
      x.push(100 + place * 50 + (place > 4 ? 80 : 0))
      y.push(line)
    }
  }
  x.push(700, 750)
  y.push(900, 900)
  right.push(17, -1)
  const traits = new Uint8Array(18)
  traits.set([1, 2], 11)
  return hallOf({
    name: 'Petit théâtre', width: 900, height: 1100, focus: [300, 200], seats: 18,
    categories: [{ code: '1', name: 'Catégorie 1', colour: '#8c1d40' }, { code: '2', name: 'Catégorie 2', colour: '#1f6f78' }],
    zones: [{ id: 'p', name: 'Parterre', outline: [] }, { id: 'l', name: 'Loges', outline: [] }], areas: [],
    rows: [
      { zone: 0, label: 'A', first: 1, count: 8, start: 1, step: 1 },
      { zone: 0, label: 'B', first: 9, count: 8, start: 1, step: 1 },
      { zone: 1, label: 'Loge 1', first: 17, count: 2, labels: ['1', '2'] },
    ],
    x: Uint16Array.from(x), y: Uint16Array.from(y), right: Int32Array.from(right),
    category: Uint8Array.from({ length: 18 }, (_, i) => (i < 8 ? 0 : 1)), traits,
  })
}

/** A round house of so many seats, row around row. */
export function roundHall(seats: number): Hall {
  const x: number[] = []
  const y: number[] = []
  const right: number[] = []
  const rows: { zone: number; label: string; first: number; count: number; start: number; step: number }[] = []
  for (let radius = 4000; x.length < seats; radius += 92) {
    const count = Math.min(seats - x.length, Math.floor((2 * Math.PI * radius) / 52))
    rows.push({ zone: 0, label: String(rows.length + 1), first: x.length + 1, count, start: 1, step: 1 })
    for (let place = 0; place < count; place++) {
      right.push(place === count - 1 ? -1 : x.length + 1)
      x.push(Math.round(13_000 + radius * Math.cos((place * 52) / radius)))
      y.push(Math.round(13_000 + radius * Math.sin((place * 52) / radius)))
    }
  }
  return hallOf({
    name: 'Arènes', width: 26_000, height: 26_000, focus: [13_000, 13_000], seats: x.length,
    categories: [{ code: '1', name: 'Catégorie 1', colour: '#8c1d40' }], zones: [{ id: 'z', name: 'Gradins', outline: [] }], areas: [], rows,
    x: Uint16Array.from(x), y: Uint16Array.from(y), right: Int32Array.from(right), category: new Uint8Array(x.length), traits: new Uint8Array(x.length),
  })
}
