/** A plan version as it is drawn: the binary "TKG1" of libs/seating, read back. */

export interface Row {
  zone: number
  label: string
  first: number // ordinal of its first seat
  count: number
  labels?: string[]
  start?: number
  step?: number
}

export interface Geometry {
  name: string
  width: number // centimetres, as every position
  height: number
  focus: [number, number]
  categories: { code: string; name: string; colour: string }[]
  zones: { id: string; name: string; outline: [number, number][] }[]
  areas: { id: string; name: string; capacity: number; category: string; outline: [number, number][] }[]
  rows: Row[]
  seats: number
  x: Uint16Array // by index = ordinal - 1
  y: Uint16Array
  right: Int32Array // index of the right neighbour; -1: none
  category: Uint8Array
  traits: Uint8Array
}

export const WHEELCHAIR = 1
export const COMPANION = 2

const MAGIC = 'TKG1'

/** Throws when the bytes are no geometry. */
export function decode(buffer: ArrayBuffer): Geometry {
  const bytes = new Uint8Array(buffer)
  if (new TextDecoder().decode(bytes.subarray(0, 4)) !== MAGIC) throw new Error('this is no geometry of a plan')
  const length = new DataView(buffer).getUint32(4, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Omit<Geometry, 'x' | 'y' | 'right' | 'category' | 'traits'>
  const n = header.seats
  let at = 8 + length + ((4 - ((8 + length) % 4)) % 4)
  const steps = () => {
    const values = new Int16Array(buffer, at, n)
    at += values.byteLength
    return values
  }
  const dx = steps()
  const dy = steps()
  const toRight = steps()
  const x = new Uint16Array(n)
  const y = new Uint16Array(n)
  const right = new Int32Array(n)
  for (let i = 0; i < n; i++) {
    x[i] = (x[i - 1] ?? 0) + dx[i]! // Uint16Array wraps around, as the writer does
    y[i] = (y[i - 1] ?? 0) + dy[i]!
    right[i] = toRight[i] === 0 ? -1 : i + toRight[i]!
  }
  return { ...header, x, y, right, category: bytes.slice(at, at + n), traits: bytes.slice(at + n, at + 2 * n) }
}

/** What is written on a seat. */
export function seatLabel(row: Row, ordinal: number): string {
  const place = ordinal - row.first
  return row.labels ? row.labels[place]! : String(row.start! + row.step! * place)
}
