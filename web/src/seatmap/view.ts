/** Which part of the plan is on the screen, and how large. Screen positions are CSS pixels, the plan's are centimetres. */
import type { Box } from './hall'

export interface View { scale: number; left: number; top: number } // pixels per centimetre; plan position of the screen's corner
export interface Size { width: number; height: number }
export interface Point { x: number; y: number }
export interface Limits { least: number; most: number } // of the scale

export const toScreen = (view: View, x: number, y: number): Point => ({ x: (x - view.left) * view.scale, y: (y - view.top) * view.scale })

export const toPlan = (view: View, x: number, y: number): Point => ({ x: x / view.scale + view.left, y: y / view.scale + view.top })

/** The view that shows a whole box, in its middle. */
export function fit(box: Box, size: Size, margin = 0): View {
  const scale = Math.max(1e-6, Math.min((size.width - 2 * margin) / (box.right - box.left), (size.height - 2 * margin) / (box.bottom - box.top)))
  return {
    scale,
    left: (box.left + box.right - size.width / scale) / 2,
    top: (box.top + box.bottom - size.height / scale) / 2,
  }
}

/** Larger or smaller, while what is under the point stays under it. */
export function zoomAt(view: View, factor: number, at: Point, { least, most }: Limits): View {
  const scale = Math.min(most, Math.max(least, view.scale * factor))
  const under = toPlan(view, at.x, at.y)
  return { scale, left: under.x - at.x / scale, top: under.y - at.y / scale }
}

export const pan = (view: View, dx: number, dy: number): View => ({ ...view, left: view.left - dx / view.scale, top: view.top - dy / view.scale })

/** The plan cannot be pushed off the screen: where it is larger than the screen it fills it, else it stays inside. */
export function within(view: View, box: Box, size: Size): View {
  const axis = (at: number, low: number, high: number, shown: number): number => {
    const slack = Math.min(shown, high - low) * 0.25
    return shown >= high - low ? Math.min(low, Math.max(high - shown, at)) : Math.min(high - shown + slack, Math.max(low - slack, at))
  }
  return {
    scale: view.scale,
    left: axis(view.left, box.left, box.right, size.width / view.scale),
    top: axis(view.top, box.top, box.bottom, size.height / view.scale),
  }
}

/** The middle of a screen moved so that a plan position is on it, at least `margin` pixels from the edge. */
export function reveal(view: View, x: number, y: number, size: Size, margin: number): View {
  const at = toScreen(view, x, y)
  const off = (position: number, length: number) => {
    const edge = Math.min(margin, length / 3)
    return position < edge ? edge - position : position > length - edge ? length - edge - position : 0
  }
  return pan(view, off(at.x, size.width), off(at.y, size.height))
}

/** On the way from one view to another: scales grow evenly to the eye, the middle travels along. */
export function between(a: View, b: View, part: number, size: Size): View {
  const scale = a.scale * (b.scale / a.scale) ** part
  const grown = a.scale === b.scale ? part : (1 / a.scale - 1 / scale) / (1 / a.scale - 1 / b.scale)
  const middle = (view: View) => toPlan(view, size.width / 2, size.height / 2)
  const [from, to] = [middle(a), middle(b)]
  return {
    scale,
    left: from.x + (to.x - from.x) * grown - size.width / 2 / scale,
    top: from.y + (to.y - from.y) * grown - size.height / 2 / scale,
  }
}
