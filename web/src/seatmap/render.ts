/** Writes the house into pixels. No canvas here: 60,000 seats take a few milliseconds because a seat is a copied stamp. */
import { bearsNumber, type Look, type Palette, pixel, type Stamp, stampOf } from './glyphs'
import { type Grid, runs } from './hit'
import { type Hall, labelAt } from './hall'
import { contingentOf, FREE, stateOf } from './status'
import type { View } from './view'

/** Pixels of the device, 0xAABBGGRR, opaque. */
export interface Frame { width: number; height: number; pixels: Uint32Array }

export interface Area { left: number; top: number; right: number; bottom: number } // pixels, right and bottom excluded

const SEAT = 0.42 // radius of a seat, in pitches
const BAND = 1.06 // radius of what lies under it
const SMALLEST = 0.8 // pixels: a seat never vanishes
const STEPS = 4 // places within a pixel that small seats are drawn at, each way
const FINE_PX = 9 // above this diameter whole pixels do
const LONG = 24 // pixels from which filling by the engine beats a loop
const LABEL_PX = 17 // diameter (CSS pixels) from which numbers are written: a pitch of 20

/** Writes a number; given by who has a canvas. */
export type Writer = (text: string, colour: number, size: number) => Stamp

/** Which looks there are, numbered as they turn up; one number per seat. */
export class Looks {
  readonly all: Look[] = []
  readonly of: Uint16Array
  readonly #numbers = new Map<number, number>()

  constructor(private readonly hall: Hall) {
    this.of = new Uint16Array(hall.seats)
  }

  /** Set the look of a seat. `dim` stands back while something else is looked for. */
  set(i: number, byte: number, dim: boolean): void {
    const state = stateOf(byte)
    const category = state === FREE ? this.hall.category[i]! : 0 // the other states look alike in all categories
    const contingent = contingentOf(byte) > 0
    const traits = this.hall.traits[i]! & 15
    const key = (((category * 8 + state) * 2 + Number(contingent)) * 16 + traits) * 2 + Number(dim)
    let number = this.#numbers.get(key)
    if (number === undefined) {
      number = this.all.push({ category, state, contingent, traits, dim }) - 1
      this.#numbers.set(key, number)
    }
    this.of[i] = number
  }
}

/** Stamps of one size. */
class Sheet {
  readonly reaches: Int16Array // of each line of the disc under a seat: how far it goes to either side
  readonly fine: boolean
  readonly #stamps: (Stamp | undefined)[] = []
  readonly #labels = new Map<string, Stamp>()

  constructor(readonly radius: number, pitch: number, private readonly palette: Palette, private readonly looks: Look[], readonly labelled: boolean) {
    this.reaches = discOf(pitch * BAND)
    this.fine = radius * 2 < FINE_PX
  }

  stamp(look: number, step: number): Stamp {
    const at = look * STEPS * STEPS + step
    return (this.#stamps[at] ??= stampOf(
      this.looks[look]!, this.radius, this.palette,
      this.fine ? (step % STEPS) / STEPS - 0.5 + 0.5 / STEPS : 0, this.fine ? Math.floor(step / STEPS) / STEPS - 0.5 + 0.5 / STEPS : 0,
    ))
  }

  label(text: string, colour: number, write: Writer): Stamp {
    const key = `${text}|${colour}`
    let found = this.#labels.get(key)
    if (!found) this.#labels.set(key, (found = write(text, colour, this.radius * (text.length > 2 ? 0.82 : 1.02))))
    return found
  }
}

export class Renderer {
  #sheets = new Map<number, Sheet>()
  #kept: (View & { pixels: Uint32Array }) | null = null

  constructor(private readonly hall: Hall, private readonly grid: Grid, readonly looks: Looks, private readonly palette: Palette, private readonly inks: number[], private readonly write: Writer | null) {}

  /** Radius of a seat in device pixels. */
  radius(view: View): number {
    return Math.max(SMALLEST, this.hall.pitch * SEAT * view.scale)
  }

  #sheet(view: View, density: number): Sheet {
    const exact = this.radius(view)
    const steps = exact < 3 ? 8 : exact < 8 ? 4 : 2 // sizes apart by less than the eye sees share their stamps
    const radius = Math.round(exact * steps) / steps
    const labelled = exact * 2 >= LABEL_PX * density
    const key = radius * 16 + Number(labelled)
    let sheet = this.#sheets.get(key)
    if (!sheet) {
      if (this.#sheets.size > 24) this.#sheets.clear()
      this.#sheets.set(key, (sheet = new Sheet(radius, this.hall.pitch * view.scale, this.palette, this.looks.all, labelled)))
    }
    return sheet
  }

  /** Paint an area of the frame: the whole, or only what a change touched. `view` is in device pixels. */
  paint(frame: Frame, view: View, density: number, area: Area = { left: 0, top: 0, right: frame.width, bottom: frame.height }): void {
    const clip = {
      left: Math.max(0, area.left), top: Math.max(0, area.top),
      right: Math.min(frame.width, area.right), bottom: Math.min(frame.height, area.bottom),
    }
    if (clip.left >= clip.right || clip.top >= clip.bottom) return
    const sheet = this.#sheet(view, density)
    this.#ground(frame, view, sheet, clip)
    this.#seats(frame, view, sheet, clip)
  }

  /** Paint the whole again where the view stays the same and many seats changed: what lies under them is kept from the first time. */
  repaint(frame: Frame, view: View, density: number): void {
    const clip = { left: 0, top: 0, right: frame.width, bottom: frame.height }
    const sheet = this.#sheet(view, density)
    const kept = this.#kept
    if (kept && kept.pixels.length === frame.pixels.length && kept.scale === view.scale && kept.left === view.left && kept.top === view.top) frame.pixels.set(kept.pixels)
    else {
      this.#ground(frame, view, sheet, clip)
      this.#kept = { ...view, pixels: frame.pixels.slice() }
    }
    this.#seats(frame, view, sheet, clip)
  }

  #ground(frame: Frame, view: View, sheet: Sheet, clip: Area): void {
    const ground = pixel(this.palette.ground)
    if (clip.left === 0 && clip.right === frame.width) frame.pixels.fill(ground, clip.top * frame.width, clip.bottom * frame.width)
    else for (let y = clip.top; y < clip.bottom; y++) frame.pixels.fill(ground, y * frame.width + clip.left, y * frame.width + clip.right)
    this.#bands(frame, view, sheet, clip)
  }

  #visit(view: View, clip: Area, margin: number, visit: (from: number, to: number) => void): void {
    runs(
      this.grid, (clip.left - margin) / view.scale + view.left, (clip.top - margin) / view.scale + view.top,
      (clip.right + margin) / view.scale + view.left, (clip.bottom + margin) / view.scale + view.top, visit,
    )
  }

  /** What lies under the seats has so little contrast that its edges need no mixing: lines of one colour are quick. */
  #bands(frame: Frame, view: View, sheet: Sheet, clip: Area): void {
    const { x, y } = this.grid
    const { pixels, width } = frame
    const { reaches } = sheet
    const half = reaches.length >> 1
    const colour = pixel(this.palette.band)
    const { left, top, scale } = view
    this.#visit(view, clip, half, (from, to) => {
      for (let at = from; at < to; at++) {
        const px = Math.round((x[at]! - left) * scale)
        const first = Math.round((y[at]! - top) * scale) - half
        const last = Math.min(first + reaches.length, clip.bottom)
        for (let line = Math.max(first, clip.top); line < last; line++) {
          const reach = reaches[line - first]!
          const start = line * width + Math.max(clip.left, px - reach)
          const end = line * width + Math.min(clip.right, px + reach + 1)
          if (end - start > LONG) pixels.fill(colour, start, end)
          else for (let into = start; into < end; into++) pixels[into] = colour
        }
      }
    })
  }

  #seats(frame: Frame, view: View, sheet: Sheet, clip: Area): void {
    const { x, y, seats } = this.grid
    const { of, all } = this.looks
    const { fine } = sheet
    const { left: viewLeft, top: viewTop, scale } = view
    this.#visit(view, clip, sheet.radius * 1.4 + 2, (from, to) => {
      for (let at = from; at < to; at++) {
        const px = (x[at]! - viewLeft) * scale
        const py = (y[at]! - viewTop) * scale
        const look = of[seats[at]!]!
        if (fine) {
          const left = Math.floor(px)
          const top = Math.floor(py)
          const stamp = sheet.stamp(look, (((py - top) * STEPS) | 0) * STEPS + (((px - left) * STEPS) | 0))
          blit(frame, stamp, left - (stamp.width >> 1), top - (stamp.height >> 1), clip)
          continue
        }
        const stamp = sheet.stamp(look, 0)
        const mx = Math.round(px)
        const my = Math.round(py)
        blit(frame, stamp, mx - (stamp.width >> 1), my - (stamp.height >> 1), clip)
        if (!sheet.labelled || !this.write || !bearsNumber(all[look]!)) continue
        const label = sheet.label(labelAt(this.hall, seats[at]!), all[look]!.dim ? this.palette.ink : this.inks[all[look]!.category]!, this.write)
        blit(frame, label, mx - (label.width >> 1), my - (label.height >> 1), clip)
      }
    })
  }
}

function discOf(radius: number): Int16Array {
  const half = Math.floor(radius)
  return Int16Array.from({ length: 2 * half + 1 }, (_, line) => Math.floor(Math.sqrt(radius * radius - (line - half) ** 2)))
}

/** Copy a stamp; pixels that are half of the shape are mixed with what is there. */
export function blit({ pixels: target, width }: Frame, { pixels: source, width: columns, height, lines }: Stamp, left: number, top: number, clip: Area): void {
  const first = top < clip.top ? clip.top - top : 0
  const last = top + height > clip.bottom ? clip.bottom - top : height
  const lowest = clip.left - left
  const highest = clip.right - left
  if (highest <= 0 || lowest >= columns) return
  for (let y = first; y < last; y++) {
    const line = y * 4
    let x = lines[line]!
    let opaque = lines[line + 1]!
    let end = lines[line + 2]!
    let to = lines[line + 3]!
    if (x < lowest) x = lowest
    if (to > highest) to = highest
    if (opaque < x) opaque = x
    if (end > to) end = to
    const from = y * columns
    const into = (y + top) * width + left
    for (const until = opaque < to ? opaque : to; x < until; x++) mixIn(target, into + x, source[from + x]!)
    for (; x < end; x++) target[into + x] = source[from + x]!
    for (; x < to; x++) mixIn(target, into + x, source[from + x]!)
  }
}

function mixIn(target: Uint32Array, at: number, over: number): void {
  const alpha = over >>> 24
  if (alpha === 255) target[at] = over
  else if (alpha) {
    const under = target[at]!
    const rb = under & 0xff00ff
    const g = under & 0xff00
    target[at] = 0xff000000 | ((rb + ((((over & 0xff00ff) - rb) * alpha) >> 8)) & 0xff00ff) | ((g + ((((over & 0xff00) - g) * alpha) >> 8)) & 0xff00)
  }
}
