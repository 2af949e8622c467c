/** Tells what a reader typed from what hands typed: a badge comes in one burst, and ends with Enter. */

export const SHORTEST_BADGE = 12
const BETWEEN_KEYS_MS = 80 // slower than any reader, faster than any hand keeps up for twelve characters

/** One per screen that listens. `key` answers the badge when its Enter came, else null. */
export class Wedge {
  private typed = ''
  private last = 0

  key(name: string, atMs: number): string | null {
    if (atMs - this.last > BETWEEN_KEYS_MS) this.typed = ''
    this.last = atMs
    if (name.length === 1) {
      this.typed += name
      return null
    }
    if (name !== 'Enter') return null // Shift and the like, between two characters
    const badge = this.typed
    this.typed = ''
    return badge.length >= SHORTEST_BADGE ? badge : null
  }
}
