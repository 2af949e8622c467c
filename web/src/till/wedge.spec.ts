import { expect, it } from 'vitest'
import { Wedge } from './wedge'

const BADGE = 'TK-7Q9Z-4M2X-88WD'

function type(wedge: Wedge, keys: string[], everyMs: number, fromMs = 10_000): (string | null)[] {
  return keys.map((key, at) => wedge.key(key, fromMs + at * everyMs))
}

it('takes a burst that ends with Enter for a badge, whatever modifiers the reader sends between', () => {
  const keys = [...BADGE].flatMap((char) => ['Shift', char])
  expect(type(new Wedge(), [...keys, 'Enter'], 5).at(-1)).toBe(BADGE)
})

it('never takes a PIN for a badge, nor what hands type slowly', () => {
  expect(type(new Wedge(), [...'4821', 'Enter'], 1).at(-1)).toBeNull()
  expect(type(new Wedge(), [...BADGE, 'Enter'], 200).at(-1)).toBeNull()
})

it('forgets what was typed by hand before the scan', () => {
  const wedge = new Wedge()
  type(wedge, [...'48'], 150, 0)
  expect(type(wedge, [...BADGE, 'Enter'], 5).at(-1)).toBe(BADGE)
  expect(wedge.key('Enter', 11_000)).toBeNull()
})

it('bears a pause in the middle of a code, where no hand would be', () => {
  const wedge = new Wedge()
  type(wedge, [...BADGE.slice(0, 10)], 5)
  expect(type(wedge, [...BADGE.slice(10), 'Enter'], 5, 10_400).at(-1)).toBe(BADGE)
})
