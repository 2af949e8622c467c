import { describe, expect, it } from 'vitest'
import { mix, type Palette, pixel } from './glyphs'
import type { Hall } from './hall'
import { gridOf } from './hit'
import { roundHall, smallHall } from './house.fixture'
import { type Frame, Looks, Renderer } from './render'
import { SOLD } from './status'
import { fit, toScreen, type View } from './view'

const palette: Palette = {
  ground: 0xffffff, band: mix(0xffffff, 0, 0.06), ink: 0x111111, brand: 0, focus: 0, states: [0, 0x8a4b00, 0x7a2e9e, 0x1f4fd8, 0x7b8496, 0x0a7340, 0x454c5c, 0],
  categories: [0x8c1d40, 0x1f6f78],
}

function painted(hall: Hall, width = 600, height = 400) {
  const looks = new Looks(hall)
  for (let i = 0; i < hall.seats; i++) looks.set(i, 0, false)
  const renderer = new Renderer(hall, gridOf(hall.x, hall.y, hall.pitch * 2), looks, palette, [0xffffff, 0xffffff], null)
  const frame: Frame = { width, height, pixels: new Uint32Array(width * height) }
  const view = fit(hall.bounds, { width, height }, 10)
  renderer.paint(frame, view, 1)
  const at = (i: number, seen: View = view) => {
    const { x, y } = toScreen(seen, hall.x[i]!, hall.y[i]!)
    return frame.pixels[Math.round(y) * width + Math.round(x)]
  }
  return { looks, renderer, frame, view, at }
}

describe('the picture', () => {
  it('shows each seat where it is, in the colour of its category', () => {
    const { at, frame } = painted(smallHall())
    for (const i of [0, 4, 7]) expect(at(i)).toBe(pixel(0x8c1d40))
    for (const i of [8, 15, 16, 17]) expect(at(i)).toBe(pixel(0x1f6f78))
    expect(frame.pixels[0]).toBe(pixel(0xffffff))
  })

  it('is opaque everywhere', () => {
    expect(painted(smallHall()).frame.pixels.every((value) => value >>> 24 === 255)).toBe(true)
  })

  it('shows 60,000 seats: none vanishes when the whole house is on the screen', () => {
    const hall = roundHall(60_000)
    const { frame, view } = painted(hall, 900, 700)
    let missing = 0
    for (let i = 0; i < hall.seats; i += 7) {
      const { x, y } = toScreen(view, hall.x[i]!, hall.y[i]!)
      if ((frame.pixels[Math.floor(y) * 900 + Math.floor(x)]! & 0xffffff) === 0xffffff) missing += 1
    }
    expect(missing).toBe(0)
  })

  it('repainted where seats changed is the same as painted anew', () => {
    const hall = smallHall()
    for (const scale of [0.12, 0.5, 1.4]) {
      const { looks, renderer, frame, view } = painted(hall)
      const seen = { ...view, scale: view.scale * scale }
      renderer.paint(frame, seen, 1)
      looks.set(3, SOLD, false)
      looks.set(9, SOLD | (2 << 3), false)
      const reach = Math.ceil(renderer.radius(seen) * 1.4) + 2
      for (const i of [3, 9]) {
        const { x, y } = toScreen(seen, hall.x[i]!, hall.y[i]!)
        const [left, top] = [Math.floor(x) - reach, Math.floor(y) - reach]
        renderer.paint(frame, seen, 1, { left, top, right: left + 2 * reach + 1, bottom: top + 2 * reach + 1 })
      }
      const patched = frame.pixels.slice()
      renderer.paint(frame, seen, 1)
      expect(patched.every((value, at) => value === frame.pixels[at])).toBe(true)
    }
  })

  it('shows nothing where nothing is, wherever one looks', () => {
    const { renderer, frame, view } = painted(smallHall())
    renderer.paint(frame, { ...view, left: 90_000 }, 1)
    expect(frame.pixels.every((value) => value === pixel(0xffffff))).toBe(true)
  })
})

it('a seat that stands back is paler', () => {
  const { looks, renderer, frame, view, at } = painted(smallHall())
  looks.set(0, 0, true)
  renderer.paint(frame, view, 1)
  expect(at(0)).toBe(pixel(mix(0x8c1d40, palette.band, 0.8)))
})
