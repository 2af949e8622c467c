/** Fingers, mouse and wheel turned into what the plan understands. */
import type { Point } from './view'

export interface Gestured {
  pan(dx: number, dy: number): void
  zoom(factor: number, at: Point): void
  tap(at: Point, touch: boolean, shift: boolean): void
  doubleTap(at: Point): void
  hover(at: Point | null): void
  settle(speed: Point): void // pixels per millisecond when the finger left
  grab(): void // a finger or button went down: whatever still moves stops
  framing(): boolean // whether a drag draws a frame instead of moving the plan
  frame(from: Point, to: Point, done: boolean): void
  carries(at: Point): boolean // whether a drag from here takes something along instead of moving the plan
  carry(dx: number, dy: number, done: boolean): void // how far from where it was; 0, 0 when it is given up
}

const TAP_PX = 9
const DOUBLE_MS = 320
const DOUBLE_PX = 28
const WHEEL = 0.0016

/** Listen on an element until the returned function is called. */
export function gestures(element: HTMLElement, told: Gestured): () => void {
  const fingers = new Map<number, Point>()
  let start: Point = { x: 0, y: 0 }
  let moved = false
  let framed = false
  let carried = false
  let speed: Point = { x: 0, y: 0 }
  let movedAt = 0
  let lastTap = { at: -Infinity, x: 0, y: 0 }

  const place = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }

  const down = (event: PointerEvent) => {
    if (event.button !== 0) return
    element.setPointerCapture(event.pointerId)
    fingers.set(event.pointerId, place(event))
    told.grab()
    if (fingers.size === 1) {
      start = place(event)
      moved = false
      framed = event.shiftKey || told.framing()
      carried = !framed && told.carries(start)
      speed = { x: 0, y: 0 }
      movedAt = event.timeStamp
    } else {
      if (carried && moved) told.carry(0, 0, true)
      moved = true
      framed = carried = false
    }
  }

  const move = (event: PointerEvent) => {
    const now = place(event)
    const before = fingers.get(event.pointerId)
    if (!before) {
      if (event.pointerType === 'mouse') told.hover(now)
      return
    }
    if (fingers.size === 1) {
      if (!moved && Math.hypot(now.x - start.x, now.y - start.y) < TAP_PX) return
      if (!moved) fingers.set(event.pointerId, (moved = true) && now)
      if (framed) told.frame(start, now, false)
      else if (carried) told.carry(now.x - start.x, now.y - start.y, false)
      else if (before) {
        const [dx, dy] = [now.x - before.x, now.y - before.y]
        const elapsed = Math.max(1, event.timeStamp - movedAt)
        speed = { x: 0.6 * speed.x + 0.4 * (dx / elapsed), y: 0.6 * speed.y + 0.4 * (dy / elapsed) }
        movedAt = event.timeStamp
        told.pan(dx, dy)
      }
      fingers.set(event.pointerId, now)
      return
    }
    const other = [...fingers].find(([id]) => id !== event.pointerId)![1]
    const apart = (a: Point) => Math.max(8, Math.hypot(a.x - other.x, a.y - other.y))
    told.pan((now.x - before.x) / 2, (now.y - before.y) / 2)
    told.zoom(apart(now) / apart(before), { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 })
    fingers.set(event.pointerId, now)
  }

  const up = (event: PointerEvent) => {
    if (!fingers.delete(event.pointerId)) return
    const at = place(event)
    if (fingers.size) return
    if (event.type === 'pointercancel') {
      if (framed && moved) told.frame(start, start, true)
      if (carried && moved) told.carry(0, 0, true)
      return
    }
    if (moved) {
      if (framed) told.frame(start, at, true)
      else if (carried) told.carry(at.x - start.x, at.y - start.y, true)
      else told.settle(event.timeStamp - movedAt < 60 ? speed : { x: 0, y: 0 })
      return
    }
    const second = event.timeStamp - lastTap.at < DOUBLE_MS && Math.hypot(at.x - lastTap.x, at.y - lastTap.y) < DOUBLE_PX
    lastTap = second ? { at: -Infinity, x: 0, y: 0 } : { at: event.timeStamp, ...at }
    if (second) told.doubleTap(at)
    else told.tap(at, event.pointerType !== 'mouse', event.shiftKey)
  }

  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    told.grab()
    const lines = event.deltaMode === 1 ? 30 : event.deltaMode === 2 ? 300 : 1
    const by = Math.max(-240, Math.min(240, event.deltaY * lines))
    told.zoom(Math.exp(-by * WHEEL * (event.ctrlKey ? 5 : 1)), place(event))
  }

  const leave = () => told.hover(null)

  element.addEventListener('pointerdown', down)
  element.addEventListener('pointermove', move)
  element.addEventListener('pointerup', up)
  element.addEventListener('pointercancel', up)
  element.addEventListener('pointerleave', leave)
  element.addEventListener('wheel', wheel, { passive: false })
  return () => {
    element.removeEventListener('pointerdown', down)
    element.removeEventListener('pointermove', move)
    element.removeEventListener('pointerup', up)
    element.removeEventListener('pointercancel', up)
    element.removeEventListener('pointerleave', leave)
    element.removeEventListener('wheel', wheel)
  }
}
