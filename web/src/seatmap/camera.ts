/** Where one looks: moving, coming nearer, gliding there when motion is welcome. Drawing is asked for through `moved`. */
import { type Hall, zoneAt } from './hall'
import { between, fit, type Limits, pan, type Point, reveal, type Size, toPlan, type View, within, zoomAt } from './view'

export const PICK_FROM = 11 // diameter in CSS pixels from which a finger hits the seat that it means; below it comes nearer

const SHOWN_PX = 22 // diameter that coming nearer aims at
const LARGEST_PX = 46
const EDGE_PX = 70 // how far inside the screen a seat is brought
const GLIDE_MS = 240
const SLOWING = 0.0042 // per millisecond, of a plan let go in motion
const SLOW = 0.15 // pixels per millisecond, below which letting go means staying
const DIAMETER = 0.84 // of a seat, in pitches

export class Camera {
  view: View = { scale: 1, left: 0, top: 0 }
  size: Size = { width: 1, height: 1 }
  #motion: ((now: number) => boolean) | null = null

  constructor(private readonly hall: Hall, private readonly moved: () => void, private readonly still: () => boolean) {}

  /** Diameter of a seat in CSS pixels. */
  get diameter(): number {
    return this.hall.pitch * DIAMETER * this.view.scale
  }

  get limits(): Limits {
    return { least: this.#fitting(this.hall.bounds).scale, most: LARGEST_PX / (this.hall.pitch * DIAMETER) }
  }

  #fitting(box: Hall['bounds']): View {
    return fit(box, this.size, Math.min(28, this.size.width * 0.03))
  }

  /** The screen has another size: the whole stays whole, else the middle stays in the middle. */
  resize(size: Size): void {
    const middle = toPlan(this.view, this.size.width / 2, this.size.height / 2)
    const wasWhole = this.view.scale <= this.limits.least * 1.02
    this.size = size
    if (wasWhole) this.whole(false)
    else this.move(this.#around(middle, this.view.scale))
  }

  #around({ x, y }: Point, scale: number): View {
    return { scale, left: x - this.size.width / 2 / scale, top: y - this.size.height / 2 / scale }
  }

  move(to: View): void {
    this.view = within(to, this.hall.bounds, this.size)
    this.moved()
  }

  pan(dx: number, dy: number): void {
    this.move(pan(this.view, dx, dy))
  }

  zoom(factor: number, at: Point): void {
    this.move(zoomAt(this.view, factor, at, this.limits))
  }

  /** As a button zooms: softly, around the middle unless told where. */
  zoomSoftly(factor: number, at: Point = { x: this.size.width / 2, y: this.size.height / 2 }): void {
    this.#glide(zoomAt(this.view, factor, at, this.limits))
  }

  whole(softly = true): void {
    const to = this.#fitting(this.hall.bounds)
    if (softly) this.#glide(to)
    else this.move(to)
  }

  /** Come nearer to where a seat can be told from its neighbours: to its zone if that is enough, else further. */
  approach(i: number): void {
    const zone = this.#fitting(this.hall.zoneBoxes[zoneAt(this.hall, i)]!)
    if (zone.scale * this.hall.pitch * DIAMETER >= PICK_FROM && zone.scale > this.view.scale * 1.15) this.#glide(zone)
    else this.#glide(this.#closeTo(i))
  }

  /** Bring a seat onto the screen, large enough to be seen. */
  show(i: number): void {
    if (this.diameter < PICK_FROM) return this.#glide(this.#closeTo(i))
    const to = reveal(this.view, this.hall.x[i]!, this.hall.y[i]!, this.size, EDGE_PX)
    if (to.left !== this.view.left || to.top !== this.view.top) this.#glide(to)
  }

  #closeTo(i: number): View {
    return this.#around({ x: this.hall.x[i]!, y: this.hall.y[i]! }, SHOWN_PX / (this.hall.pitch * DIAMETER))
  }

  #glide(to: View): void {
    const { least, most } = this.limits
    const middle = toPlan(to, this.size.width / 2, this.size.height / 2)
    const target = within(this.#around(middle, Math.min(most, Math.max(least, to.scale))), this.hall.bounds, this.size)
    this.stop()
    if (this.still()) return this.move(target)
    const from = this.view
    let began = 0
    this.#motion = (now) => {
      began ||= now
      const part = Math.min(1, (now - began) / GLIDE_MS)
      this.view = part === 1 ? target : between(from, target, 1 - (1 - part) ** 3, this.size)
      return part < 1
    }
    this.moved()
  }

  /** A plan let go in motion comes to rest by itself. `speed` is in pixels per millisecond. */
  letGo(speed: Point): void {
    if (this.still() || Math.hypot(speed.x, speed.y) < SLOW) return
    let last = 0
    this.#motion = (now) => {
      const elapsed = last ? Math.min(40, now - last) : 16
      last = now
      const slower = Math.exp(-SLOWING * elapsed)
      speed = { x: speed.x * slower, y: speed.y * slower }
      this.view = within(pan(this.view, speed.x * elapsed, speed.y * elapsed), this.hall.bounds, this.size)
      return Math.hypot(speed.x, speed.y) > 0.02
    }
    this.moved()
  }

  stop(): void {
    this.#motion = null
  }

  /** One frame of what is in motion; whether another one is to come. */
  advance(now: number): boolean {
    if (this.#motion && !this.#motion(now)) this.#motion = null
    return this.#motion !== null
  }
}
