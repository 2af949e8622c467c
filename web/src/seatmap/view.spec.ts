import { describe, expect, it } from 'vitest'
import { between, fit, pan, reveal, toPlan, toScreen, within, zoomAt } from './view'

const box = { left: 0, top: 0, right: 2000, bottom: 1000 }
const size = { width: 500, height: 500 }
const limits = { least: 0.1, most: 4 }

it('a screen position and a plan position are two names of one place', () => {
  const view = { scale: 0.37, left: -20, top: 130 }
  const there = toScreen(view, 812, 47)
  const back = toPlan(view, there.x, there.y)
  expect([back.x, back.y].map(Math.round)).toEqual([812, 47])
})

it('the whole house fits into the screen, in its middle', () => {
  const view = fit(box, size, 10)
  expect(view.scale).toBeCloseTo(480 / 2000)
  expect([toScreen(view, 1000, 500).x, toScreen(view, 1000, 500).y].map(Math.round)).toEqual([250, 250])
})

describe('zooming', () => {
  it('keeps what is under the finger under the finger', () => {
    const view = fit(box, size)
    const finger = { x: 120, y: 300 }
    const before = toPlan(view, finger.x, finger.y)
    const after = toPlan(zoomAt(view, 3, finger, limits), finger.x, finger.y)
    expect(after.x).toBeCloseTo(before.x)
    expect(after.y).toBeCloseTo(before.y)
  })

  it('ends at its limits', () => {
    const view = fit(box, size)
    expect(zoomAt(view, 1000, { x: 0, y: 0 }, limits).scale).toBe(4)
    expect(zoomAt(view, 0.001, { x: 0, y: 0 }, limits).scale).toBe(0.1)
  })
})

it('a plan cannot be pushed off the screen', () => {
  for (const view of [pan(fit(box, size), 9999, -9999), pan({ scale: 2, left: 0, top: 0 }, -99_999, 99_999)]) {
    const kept = within(view, box, size)
    const [from, to] = [toScreen(kept, 0, 0), toScreen(kept, 2000, 1000)]
    expect(to.x > size.width / 4 && from.x < size.width * 0.75 && to.y > size.height / 4 && from.y < size.height * 0.75).toBe(true)
  }
})

it('a seat at the edge is brought onto the screen, one that is well on it moves nothing', () => {
  const view = { scale: 1, left: 0, top: 0 }
  expect(toScreen(reveal(view, 600, 250, size, 60), 600, 250).x).toBe(440)
  expect(reveal(view, 250, 250, size, 60)).toEqual(view)
})

it('a glide begins at one view and ends at the other', () => {
  const [a, b] = [fit(box, size), { scale: 2, left: 700, top: 100 }]
  for (const [part, end] of [[0, a], [1, b]] as const) {
    const view = between(a, b, part, size)
    expect([view.scale, view.left, view.top].map((n) => n.toFixed(6))).toEqual([end.scale, end.left, end.top].map((n) => n.toFixed(6)))
  }
})
