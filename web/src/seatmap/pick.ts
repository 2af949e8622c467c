/** Choosing seats: which may be chosen, several side by side, and whom a choice would leave alone (domain 6.2, 6.3). */
import type { Hall } from './hall'
import { contingentOf, FREE, HOUSE, stateOf } from './status'

export type Mode = 'pick' | 'view' | 'edit'

/** What whoever chooses may take. */
export interface Rules {
  mode: Mode
  house: boolean // house seats too: sellable by right
  contingents: number[] | null // numbers that may be sold from; null: all
  own: ReadonlySet<number> // indices that are in this basket already, whatever their state
}

/** For editing every seat may be chosen; for selling free ones, and those that the right extends to. */
export function choosable(byte: number, i: number, rules: Rules): boolean {
  if (rules.mode === 'view') return false
  if (rules.mode === 'edit' || rules.own.has(i)) return true
  const state = stateOf(byte)
  if (state !== FREE && !(state === HOUSE && rules.house)) return false
  return rules.contingents === null || rules.contingents.includes(contingentOf(byte))
}

/** The chain of neighbours that a seat belongs to, from left to right. */
export function chain(hall: Hall, i: number): number[] {
  let first = i
  for (let steps = 0; hall.left[first]! >= 0 && steps < hall.seats; steps++) {
    first = hall.left[first]!
    if (first === i) break // a table in the round
  }
  const found = [first]
  for (let next = hall.right[first]!; next >= 0 && next !== first && found.length < hall.seats; next = hall.right[next]!) found.push(next)
  return found
}

/** Seats side by side that all may be taken, longest stretches, from left to right. */
export function stretches(seats: number[], free: (i: number) => boolean): number[][] {
  const found: number[][] = []
  let current: number[] = []
  for (const i of seats) {
    if (free(i)) current.push(i)
    else if (current.length) {
      found.push(current)
      current = []
    }
  }
  if (current.length) found.push(current)
  return found
}

/** n neighbours with the wanted seat among them: leaving the fewest alone, then around it. Empty when there is no such run. */
export function together(hall: Hall, i: number, n: number, free: (i: number) => boolean): number[] {
  const run = stretches(chain(hall, i), free).find((each) => each.includes(i))
  if (!run || run.length < n) return []
  const at = run.indexOf(i)
  let best: { from: number; cost: number } | null = null
  for (let from = Math.max(0, at - n + 1); from <= Math.min(at, run.length - n); from++) {
    const after = run.length - from - n
    const alone = (from === 1 ? 1 : 0) + (after === 1 ? 1 : 0)
    const cost = alone * 1000 + Math.abs(from + (n - 1) / 2 - at)
    if (!best || cost < best.cost) best = { from, cost }
  }
  return best ? run.slice(best.from, best.from + n) : []
}

/** Free seats without a free neighbour that had one before the choice (domain 6.3). */
export function orphans(hall: Hall, chosen: ReadonlySet<number>, free: (i: number) => boolean): number[] {
  const found = new Set<number>()
  const left = (i: number) => i >= 0 && free(i)
  for (const seat of chosen) {
    for (const neighbour of [hall.left[seat]!, hall.right[seat]!]) {
      if (!left(neighbour) || chosen.has(neighbour)) continue
      const sides = [hall.left[neighbour]!, hall.right[neighbour]!]
      if (!sides.some((side) => left(side) && !chosen.has(side))) found.add(neighbour)
    }
  }
  return [...found].sort((a, b) => a - b)
}

export interface Choice {
  chosen: number[] // in the order in which they were chosen
  refused: 'full' | 'too-few' | null // the limit is reached; not so many side by side
}

/** The choice after a touch on a seat that may be chosen: taken back when it was chosen, else it and its neighbours added. */
export function choose(hall: Hall, chosen: number[], i: number, n: number, limit: number, free: (i: number) => boolean): Choice {
  if (chosen.includes(i)) return { chosen: chosen.filter((each) => each !== i), refused: null }
  const taken = new Set(chosen)
  const added = n > 1 ? together(hall, i, n, (each) => free(each) && !taken.has(each)) : [i]
  if (!added.length) return { chosen, refused: 'too-few' }
  if (limit > 0 && chosen.length + added.length > limit) return { chosen, refused: 'full' }
  return { chosen: [...chosen, ...added], refused: null }
}
