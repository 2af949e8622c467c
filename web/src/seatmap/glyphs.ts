/**
 * What a seat looks like, as distances to shapes: the same few lines draw it at any size, on the plan and in the legend.
 *
 * Full is free: its colour and its outline tell the category. Everything else is hollow or crossed, and tells the state:
 *
 *   free  ● ■ ◗ …    held  ◐    leased  ⊜    optioned  ◈    sold  ⊗    house  ▲    killed  ⊖    apart  ◌
 */
import { APART, FREE, HELD, HOUSE, KILLED, LEASED, OPTIONED, SOLD } from './status'
import { FOLDING, REDUCED_VIEW } from './hall'
import { COMPANION, WHEELCHAIR } from './geometry'

export type Colour = number // 0xrrggbb

export interface Palette {
  ground: Colour // around everything
  band: Colour // under the seats
  ink: Colour
  brand: Colour // of what is chosen
  focus: Colour // of where the keys are
  states: Colour[] // by state; FREE has its category's
  categories: Colour[]
}

export interface Look {
  category: number
  state: number
  contingent: boolean
  traits: number
  dim: boolean
}

/**
 * A small picture: 0xAABBGGRR as ImageData has it on little-endian machines, transparent around the shape. `lines` says of
 * each line where its drawn pixels begin, where opaque ones begin and end, and where all end: most pixels are only copied.
 */
export interface Stamp { width: number; height: number; pixels: Uint32Array; lines: Uint16Array }

const DETAIL_PX = 5 // below this diameter a seat is a dot of its colour
const MARKS_PX = 13 // from this on the marks of a seat can be made out
const DIM = 0.8
const GAP = 3 // least contrast of a shape with its ground (WCAG 1.4.11)

type Shape = (x: number, y: number) => number // distance to the edge in radii, negative inside

const disc = (radius = 1, cx = 0, cy = 0): Shape => (x, y) => Math.hypot(x - cx, y - cy) - radius
const box = (half: number, round: number, halfY = half): Shape => (x, y) => {
  const [dx, dy] = [Math.abs(x) - half + round, Math.abs(y) - halfY + round]
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - round
}
const diamond = (radius: number): Shape => (x, y) => (Math.abs(x) + Math.abs(y) - radius) * Math.SQRT1_2
const line = (ax: number, ay: number, bx: number, by: number, width: number): Shape => (x, y) => {
  const [dx, dy] = [bx - ax, by - ay]
  const part = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
  return Math.hypot(x - ax - part * dx, y - ay - part * dy) - width / 2
}
const polygon = (...points: [number, number][]): Shape => (x, y) => {
  let [distance, side] = [Infinity, 1]
  points.forEach(([ax, ay], at) => {
    const [bx, by] = points[(at + points.length - 1) % points.length]!
    distance = Math.min(distance, line(ax, ay, bx, by, 0)(x, y))
    if ((ay > y) !== (by > y) && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) side = -side
  })
  return side * distance
}
const both = (a: Shape, b: Shape): Shape => (x, y) => Math.max(a(x, y), b(x, y))
const either = (...shapes: Shape[]): Shape => (x, y) => Math.min(...shapes.map((shape) => shape(x, y)))
const outline = (shape: Shape, width: number): Shape => (x, y) => Math.abs(shape(x, y) + width / 2) - width / 2

/** Told apart without colour; the seventh category begins again. */
const CATEGORIES: Shape[] = [
  disc(),
  box(0.88, 0.26),
  (x, y) => (y < 0 ? box(0.92, 0.2)(x, y) : disc(0.96)(x, y)), // a shield
  (x, y) => (y > 0 ? box(0.92, 0.2)(x, y) : disc(0.96)(x, y)), // an arch
  (x, y) => ((x < 0) === (y < 0) ? box(0.92, 0.14)(x, y) : disc(0.96)(x, y)), // a leaf
  polygon([0.5, -0.9], [1, 0], [0.5, 0.9], [-0.5, 0.9], [-1, 0], [-0.5, -0.9]),
]

export const categoryShape = (category: number): number => category % CATEGORIES.length

type Layer = [Shape, Colour]

/** From the ground upwards; `radius` in pixels, so that lines are as thick as can be seen and no thicker. */
function layers(look: Look, radius: number, palette: Palette): Layer[] {
  const colour = look.state === FREE ? palette.categories[look.category]! : palette.states[look.state]!
  if (radius * 2 < DETAIL_PX) return [[disc(look.state === FREE ? 1 : look.state === SOLD ? 0.72 : 0.9), colour]]
  const thin = Math.max(0.16, Math.min(0.45, 1.15 / radius))
  const thick = Math.max(0.24, Math.min(0.5, 1.5 / radius))
  const paper = palette.band
  const found: Layer[] = []
  switch (look.state) {
    case FREE: {
      const shape = CATEGORIES[categoryShape(look.category)]!
      found.push([shape, colour])
      if (contrast(colour, paper) < GAP) found.push([outline(shape, thin), palette.ink])
      break
    }
    case HELD:
      found.push([disc(0.96), paper], [both(disc(0.96), (x) => x), colour], [outline(disc(0.96), thin), colour])
      break
    case LEASED: {
      const stripes: Shape = (_, y) => Math.abs(Math.abs(y) - 0.34) - 0.15
      found.push([disc(0.96), paper], [both(disc(0.96), stripes), colour], [outline(disc(0.96), thin), colour])
      break
    }
    case OPTIONED:
      found.push([diamond(1.08), paper], [outline(diamond(1.08), thick), colour], [disc(0.3), colour])
      break
    case SOLD: {
      const cross = 0.46
      found.push([disc(0.9), paper], [outline(disc(0.9), thin), colour])
      found.push([either(line(-cross, -cross, cross, cross, thin), line(-cross, cross, cross, -cross, thin)), colour])
      break
    }
    case HOUSE: {
      const triangle = polygon([0, -0.98], [1, 0.8], [-1, 0.8])
      found.push([triangle, paper], [outline(triangle, thick), colour], [disc(0.2, 0, 0.3), colour])
      break
    }
    case KILLED:
      found.push([disc(0.96), colour], [box(0.64, 0.04, 0.24), paper])
      break
    case APART: // a ring of dots: nobody sits here, and nobody may
      found.push([both(outline(disc(0.9), thin), (x, y) => 0.35 - Math.abs(Math.sin(Math.atan2(y, x) * 4))), colour])
      break
  }
  if (radius * 2 >= MARKS_PX) found.push(...marks(look, palette))
  return found
}

/** A wheelchair stands in the middle of its space; the other marks sit on the rim. */
function marks(look: Look, palette: Palette): Layer[] {
  const found: Layer[] = []
  const { ink, band } = palette
  if (look.traits & WHEELCHAIR) {
    const free = look.state === FREE
    const pen = free ? inkOn(palette.categories[look.category]!) : ink
    const [grow, dx, dy] = free ? [1, 0, 0] : [0.55, -0.62, -0.62]
    const at = (shape: Shape): Shape => (x, y) => shape((x - dx) / grow, (y - dy) / grow) * grow
    if (!free) found.push([disc(0.5, dx, dy), band])
    found.push([at(wheelchair), pen])
  }
  if (look.traits & COMPANION) found.push([disc(0.46, -0.68, -0.6), band], [either(disc(0.15, -0.68, -0.76), both(disc(0.27, -0.68, -0.32), (_, y) => y + 0.36)), ink])
  if (look.traits & FOLDING) found.push([shifted(box(0.86, 0.1, 0.24), 0, 0.98), band], [shifted(box(0.74, 0.06, 0.11), 0, 0.98), ink])
  if (look.traits & REDUCED_VIEW) found.push([disc(0.42, 0.66, 0.62), band], [outline(disc(0.34, 0.66, 0.62), 0.13), ink], [line(0.44, 0.84, 0.88, 0.4, 0.13), ink])
  if (look.contingent) found.push([disc(0.46, 0.66, -0.64), band], [disc(0.31, 0.66, -0.64), ink])
  return found
}

const shifted = (shape: Shape, dx: number, dy: number): Shape => (x, y) => shape(x - dx, y - dy)

const wheelchair = either(
  disc(0.13, -0.08, -0.56),
  line(-0.08, -0.34, -0.04, 0.06, 0.17),
  line(-0.04, 0.06, 0.3, 0.06, 0.15),
  line(0.3, 0.06, 0.46, 0.44, 0.15),
  line(-0.06, -0.16, 0.22, -0.16, 0.12),
  both(outline(disc(0.42, -0.02, 0.2), 0.13), (x, y) => Math.min(x - 0.12, 0.1 - y - x * 0.2)),
)

/** The picture of a look, moved by a part of a pixel. Marks reach a little beyond the seat. */
export function stampOf(look: Look, radius: number, palette: Palette, dx = 0, dy = 0): Stamp {
  const reach = radius * (radius * 2 >= MARKS_PX ? 1.3 : radius * 2 < DETAIL_PX ? 1 : 1.08) + Math.max(Math.abs(dx), Math.abs(dy))
  const side = sideFor(reach)
  const middle = (side - 1) / 2
  return picture(side, layers(look, radius, palette), (px, py) => [(px - middle - dx) / radius, (py - middle - dy) / radius], radius, look.dim ? palette.band : null)
}

/** Pixels across a shape: those whose middle is less than half a pixel outside it are touched. */
const sideFor = (reach: number): number => 2 * (Math.ceil(reach + 0.5) - 1) + 1

function picture(side: number, drawn: Layer[], place: (px: number, py: number) => [number, number], radius: number, towards: Colour | null): Stamp {
  const pixels = new Uint32Array(side * side)
  for (let py = 0; py < side; py++) {
    for (let px = 0; px < side; px++) {
      const [x, y] = place(px, py)
      let [r, g, b, a] = [0, 0, 0, 0]
      for (const [shape, colour] of drawn) {
        const cover = Math.min(1, Math.max(0, 0.5 - shape(x, y) * radius))
        if (!cover) continue
        const rest = a * (1 - cover)
        const sum = cover + rest
        r = (((colour >> 16) & 255) * cover + r * rest) / sum
        g = (((colour >> 8) & 255) * cover + g * rest) / sum
        b = ((colour & 255) * cover + b * rest) / sum
        a = sum
      }
      if (!a) continue
      let colour = (Math.round(r) << 16) | (Math.round(g) << 8) | Math.round(b)
      if (towards !== null) colour = mix(colour, towards, DIM)
      pixels[py * side + px] = pixel(colour, Math.round(a * 255))
    }
  }
  return stamped(side, side, pixels)
}

/** A picture with what makes copying it quick. */
export function stamped(width: number, height: number, pixels: Uint32Array): Stamp {
  const lines = new Uint16Array(height * 4)
  for (let y = 0; y < height; y++) {
    const alpha = (x: number) => pixels[y * width + x]! >>> 24
    let [from, to] = [0, width]
    while (from < width && !alpha(from)) from += 1
    while (to > from && !alpha(to - 1)) to -= 1
    let opaque = from
    while (opaque < to && alpha(opaque) !== 255) opaque += 1
    let end = opaque
    while (end < to && alpha(end) === 255) end += 1
    lines.set([from, opaque, end, to], y * 4)
  }
  return { width, height, pixels, lines }
}

/** As styles write it. */
export const css = (colour: Colour): string => `#${colour.toString(16).padStart(6, '0')}`

export const pixel = (colour: Colour, alpha = 255): number =>
  ((alpha << 24) | ((colour & 255) << 16) | (colour & 0xff00) | (colour >> 16)) >>> 0

export function mix(a: Colour, b: Colour, part: number): Colour {
  const one = (shift: number) => Math.round(((a >> shift) & 255) * (1 - part) + ((b >> shift) & 255) * part) << shift
  return one(16) | one(8) | one(0)
}

/** WCAG's contrast, 1 to 21. */
export function contrast(a: Colour, b: Colour): number {
  const light = (colour: Colour) =>
    [16, 8, 0].map((shift) => ((colour >> shift) & 255) / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
      .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i]!, 0.05)
  const [la, lb] = [light(a), light(b)]
  return Math.max(la, lb) / Math.min(la, lb)
}

/** Black or white, whichever reads better on a colour. */
export const inkOn = (colour: Colour): Colour => (contrast(colour, 0xffffff) >= contrast(colour, 0x111111) ? 0xffffff : 0x111111)

/** Whether the number of a seat is written on it: a wheelchair stands where it would be. */
export const bearsNumber = (look: Look): boolean => look.state === FREE && !(look.traits & WHEELCHAIR)

/** "#1f4fd8" and "#abc" as numbers; anything else is grey. */
export function colourOf(text: string): Colour {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text.trim())?.[1]
  if (!hex) return 0x64748b
  return parseInt(hex.length === 3 ? [...hex].map((digit) => digit + digit).join('') : hex, 16)
}
