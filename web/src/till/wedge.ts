/** Tells what a reader typed from what hands typed: a code comes in one burst, and ends with Enter (or Tab). */

export const SHORTEST_BADGE = 12
export const SHORTEST_CODE = 8
const BETWEEN_KEYS_MS = 80 // slower than any reader, faster than any hand keeps up for so many characters
const WITHIN_A_CODE_MS = 500 // no hand came so far: a machine that is busy may pause

/** One per screen that listens. `key` answers the code when its end came, else null. */
export class Wedge {
  private typed = ''
  private last = Number.NEGATIVE_INFINITY

  constructor(private readonly shortest = SHORTEST_BADGE) {}

  /** How many characters the burst at hand has so far. */
  get length(): number {
    return this.typed.length
  }

  key(name: string, atMs: number): string | null {
    if (atMs - this.last > (this.typed.length >= SHORTEST_CODE ? WITHIN_A_CODE_MS : BETWEEN_KEYS_MS)) this.typed = ''
    this.last = atMs
    if (name.length === 1) {
      this.typed += name
      return null
    }
    if (name !== 'Enter' && name !== 'Tab') return null // Shift and the like, between two characters
    const code = this.typed
    this.typed = ''
    return code.length >= this.shortest ? code : null
  }
}
