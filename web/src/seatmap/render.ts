/** Writes the house into pixels. No canvas here: 60,000 seats take a few milliseconds because a seat is a copied stamp. */
import { bandOf, bearsNumber, type Look, type Palette, pixel, type Stamp, stampOf } from './glyphs'
import { type Grid, runs } from './hit'
import { type Hall, labelAt } from './hall'
import { contingentOf, stateOf } from './status'
import type { View } from './view'

/** Pixels of the device, 0xAABBGGRR, opaque. */
export interface Frame { width: number; height: number; pixels: Uint32Array }

export interface Area { left: number; top: number; right: number; bottom: number } // pixels, right and bottom excluded

const SEAT = 0.42 // radius of a seat, in pitches
const BAND = 1.06 // radius of what lies under it
const SMALLEST = 0.8 // pixels: a seat never vanishes
const STEPS = 4 // places within a pixel that small seats are drawn at, each way
const FINE_PX = 9 // above this diameter whole pixels do
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
    const category = this.hall.category[i]!
    const state = stateOf(byte)
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
  readonly band: Stamp
  readonly fine: boolean
  readonly #stamps: (Stamp | undefined)[] = []
  readonly #labels = new Map<string, Stamp>()

  constructor(readonly radius: number, pitch: number, private readonly palette: Palette, private readonly looks: Look[], readonly labelled: boolean) {
    this.band = bandOf(Math.max(0.8, pitch * BAND), palette)
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

  constructor(private readonly hall: Hall, private readonly grid: Grid, readonly looks: Looks, private palette: Palette, private readonly inks: number[], private readonly write: Writer | null) {}

  repaletted(palette: Palette): void {
    this.palette = palette
    this.#sheets.clear()
  }

  /** Radius of a seat in device pixels. */
  radius(view: View): number {
    return Math.max(SMALLEST, this.hall.pitch * SEAT * view.scale)
  }

  #sheet(view: View, density: number): Sheet {
    const exact = this.radius(view)
    const radius = exact < 8 ? Math.round(exact * 8) / 8 : Math.round(exact * 2) / 2
    const labelled = exact * 2 >= LABEL_PX * density
    const key = radius * 4 + Number(labelled)
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
    const ground = pixel(this.palette.ground)
    if (clip.left === 0 && clip.right === frame.width) frame.pixels.fill(ground, clip.top * frame.width, clip.bottom * frame.width)
    else for (let y = clip.top; y < clip.bottom; y++) frame.pixels.fill(ground, y * frame.width + clip.left, y * frame.width + clip.right)
    this.#bands(frame, view, sheet, clip)
    this.#seats(frame, view, sheet, clip)
  }

  #visit(view: View, clip: Area, margin: number, visit: (from: number, to: number) => void): void {
    runs(
      this.grid, (clip.left - margin) / view.scale + view.left, (clip.top - margin) / view.scale + view.top,
      (clip.right + margin) / view.scale + view.left, (clip.bottom + margin) / view.scale + view.top, visit,
    )
  }

  #bands(frame: Frame, view: View, sheet: Sheet, clip: Area): void {
    const { x, y } = this.grid
    const half = sheet.band.width >> 1
    this.#visit(view, clip, half, (from, to) => {
      for (let at = from; at < to; at++) {
        blit(frame, sheet.band, Math.round((x[at]! - view.left) * view.scale) - half, Math.round((y[at]! - view.top) * view.scale) - half, clip)
      }
    })
  }

  #seats(frame: Frame, view: View, sheet: Sheet, clip: Area): void {
    const { x, y, seats } = this.grid
    const { of, all } = this.looks
    const { fine } = sheet
    this.#visit(view, clip, sheet.radius * 1.4 + 2, (from, to) => {
      for (let at = from; at < to; at++) {
        const px = (x[at]! - view.left) * view.scale
        const py = (y[at]! - view.top) * view.scale
        const [left, top] = [Math.floor(px), Math.floor(py)]
        const i = seats[at]!
        const look = of[i]!
        if (fine) {
          const stamp = sheet.stamp(look, ((py - top) * STEPS | 0) * STEPS + ((px - left) * STEPS | 0))
          blit(frame, stamp, left - (stamp.width >> 1), top - (stamp.height >> 1), clip)
          continue
        }
        const stamp = sheet.stamp(look, 0)
        const [mx, my] = [Math.round(px), Math.round(py)]
        blit(frame, stamp, mx - (stamp.width >> 1), my - (stamp.height >> 1), clip)
        if (!sheet.labelled || !this.write || !bearsNumber(all[look]!)) continue
        const label = sheet.label(labelAt(this.hall, i), all[look]!.dim ? this.palette.ink : this.inks[all[look]!.category]!, this.write)
        blit(frame, label, mx - (label.width >> 1), my - (label.height >> 1), clip)
      }
    })
  }
}

/** Copy a stamp; pixels that are half of the shape are mixed with what is there. */
export function blit(frame: Frame, stamp: Stamp, left: number, top: number, clip: Area): void {
  const x0 = Math.max(left, clip.left)
  const x1 = Math.min(left + stamp.width, clip.right)
  const y1 = Math.min(top + stamp.height, clip.bottom)
  if (x0 >= x1) return
  const { pixels: target, width } = frame
  const { pixels: source, width: columns } = stamp
  for (let y = Math.max(top, clip.top); y < y1; y++) {
    let from = (y - top) * columns + x0 - left
    let to = y * width + x0
    for (let x = x0; x < x1; x++, from++, to++) {
      const over = source[from]!
      const alpha = over >>> 24
      if (alpha === 255) target[to] = over
      else if (alpha) {
        const under = target[to]!
        const rb = under & 0xff00ff
        const g = under & 0xff00
        target[to] = 0xff000000 | ((rb + ((((over & 0xff00ff) - rb) * alpha) >> 8)) & 0xff00ff) | ((g + ((((over & 0xff00) - g) * alpha) >> 8)) & 0xff00)
      }
    }
  }
}
