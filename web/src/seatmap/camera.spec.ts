import { beforeEach, describe, expect, it } from 'vitest'
import { Camera, PICK_FROM } from './camera'
import type { Hall } from './hall'
import { roundHall, smallHall } from './house.fixture'
import { toScreen } from './view'

const size = { width: 800, height: 500 }

function camera(hall: Hall, still = true): Camera {
  const made = new Camera(hall, () => {}, () => still)
  made.resize(size)
  made.whole(false)
  return made
}

const onScreen = ({ view }: Camera, hall: Hall, i: number) => {
  const { x, y } = toScreen(view, hall.x[i]!, hall.y[i]!)
  return x >= 0 && y >= 0 && x <= size.width && y <= size.height
}

describe('looking at a house', () => {
  const hall = roundHall(20_000)
  let looking: Camera
  beforeEach(() => {
    looking = camera(hall)
  })

  it('begins with the whole of it', () => {
    for (const i of [0, 7000, hall.seats - 1]) expect(onScreen(looking, hall, i)).toBe(true)
  })

  it('comes near enough for a finger, with the seat on the screen', () => {
    looking.approach(12_345)
    expect(looking.diameter).toBeGreaterThan(PICK_FROM)
    expect(onScreen(looking, hall, 12_345)).toBe(true)
  })

  it('follows the keys to a seat far away', () => {
    looking.show(3)
    looking.show(hall.seats - 1)
    expect(onScreen(looking, hall, hall.seats - 1)).toBe(true)
  })

  it('never gets smaller than the whole, nor larger than a hand', () => {
    looking.zoom(0.01, { x: 0, y: 0 })
    const least = looking.view.scale
    looking.zoom(10_000, { x: 100, y: 100 })
    expect([least, looking.diameter < 60]).toEqual([looking.limits.least, true])
  })

  it('keeps the whole when the screen changes, else the middle', () => {
    looking.resize({ width: 400, height: 600 })
    expect(looking.view.scale).toBe(looking.limits.least)
    looking.show(500)
    const before = toScreen(looking.view, hall.x[500]!, hall.y[500]!)
    looking.resize({ width: 500, height: 600 })
    expect(toScreen(looking.view, hall.x[500]!, hall.y[500]!).x).toBeCloseTo(before.x + 50, 0)
  })
})

describe('motion', () => {
  it('takes some frames, and ends where it should', () => {
    const hall = smallHall()
    const [soft, still] = [camera(hall, false), camera(hall)]
    soft.zoomSoftly(2)
    still.zoomSoftly(2)
    expect(soft.advance(1000)).toBe(true)
    expect(soft.advance(1100)).toBe(true)
    expect(soft.advance(2000)).toBe(false)
    expect(soft.view).toEqual(still.view)
  })

  it('comes to rest after a plan is let go, and at once when it is touched again', () => {
    const soft = camera(roundHall(20_000), false)
    soft.zoom(8, { x: 400, y: 250 })
    soft.letGo({ x: 1, y: 0 })
    let frames = 0
    for (let now = 0; soft.advance(now) && frames < 1000; now += 16) frames += 1
    expect(frames > 10 && frames < 200).toBe(true)
    soft.letGo({ x: 1, y: 0 })
    soft.stop()
    expect(soft.advance(0)).toBe(false)
  })

  it('is not for who wants none', () => {
    const still = camera(roundHall(20_000))
    still.zoom(8, { x: 400, y: 250 })
    still.letGo({ x: 2, y: 0 })
    expect(still.advance(0)).toBe(false)
  })
})
