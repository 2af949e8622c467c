import { describe, expect, it } from 'vitest'
import { categoryShape, colourOf, contrast, inkOn, type Look, mix, type Palette, pixel, stampOf } from './glyphs'
import { FREE, STATES } from './status'

// The colours of seatmap.css with the suite's tokens.
const ground = 0xffffff
const ink = 0x161a24
const palette: Palette = {
  ground, ink, brand: ink, focus: ink, band: mix(ground, ink, 0.065),
  states: ['#000000', '#8a4b00', '#7a2e9e', '#1f4fd8', '#7b8496', '#0a7340', '#454c5c', '#454c5c'].map(colourOf),
  categories: ['#8c1d40', '#1f6f78', '#f5d90a', '#5b4b8a', '#3f6b3a', '#123456'].map(colourOf),
}
const black: Palette = { ...palette, states: palette.states.map(() => 0), categories: palette.categories.map(() => 0) }
const plain: Look = { category: 0, state: FREE, contingent: false, traits: 0, dim: false }

/** The stamp as somebody sees it who sees no colours: how light each pixel is on white. */
function grey(look: Look, colours = black, radius = 9): number[] {
  return [...stampOf(look, radius, colours).pixels].map((value) => {
    const alpha = (value >>> 24) / 255
    return ((value & 255) / 255) * alpha + 1 - alpha
  })
}

const apart = (a: number[], b: number[]) => a.reduce((sum, each, at) => sum + Math.abs(each - b[at]!), 0) / a.length

describe('who sees no colours', () => {
  it('tells every state from every other by its shape', () => {
    for (const a of STATES) {
      for (const b of STATES) {
        if (a < b) expect([a, b, apart(grey({ ...plain, state: a }), grey({ ...plain, state: b })) > 0.08]).toEqual([a, b, true])
      }
    }
  })

  it('tells six categories apart by their outline', () => {
    for (let a = 0; a < 6; a++) {
      for (let b = 0; b < a; b++) expect([a, b, apart(grey({ ...plain, category: a }), grey({ ...plain, category: b })) > 0.02]).toEqual([a, b, true])
    }
    expect(categoryShape(6)).toBe(0)
  })

  it('sees the marks of a seat', () => {
    for (const traits of [1, 2, 4, 8]) expect(apart(grey({ ...plain, traits }, palette), grey(plain, palette))).toBeGreaterThan(0.01)
    expect(apart(grey({ ...plain, contingent: true }, palette), grey(plain, palette))).toBeGreaterThan(0.01)
  })
})

describe('contrast', () => {
  it('of every state with what lies under the seats is at least 3 to 1', () => {
    for (const state of STATES.slice(1)) expect([state, contrast(palette.states[state]!, palette.band) >= 3]).toEqual([state, true])
  })

  it('a pale category gets an edge of ink', () => {
    expect(contrast(palette.categories[2]!, palette.band)).toBeLessThan(3)
    const values = [...stampOf({ ...plain, category: 2 }, 9, palette).pixels]
    expect(values.some((value) => value === pixel(ink))).toBe(true)
    expect(values.some((value) => value === pixel(palette.categories[2]!))).toBe(true)
  })

  it('numbers are black or white, whichever reads', () => {
    expect([inkOn(0xf5d90a), inkOn(0x8c1d40)]).toEqual([0x111111, 0xffffff])
  })
})

it('a seat too small for its shape is a dot of its colour', () => {
  const stamp = stampOf({ ...plain, state: 4 }, 2, palette)
  expect(stamp.pixels[stamp.width * (stamp.height >> 1) + (stamp.width >> 1)]).toBe(pixel(palette.states[4]!))
})

it('a colour that is no colour is grey', () => {
  expect([colourOf('#abc'), colourOf('red; }')]).toEqual([0xaabbcc, 0x64748b])
})
