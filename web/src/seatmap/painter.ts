/**
 * The plan on the screen: three canvases over one another.
 *
 *   seats   pixels written by the renderer; opaque, kept in memory (willReadFrequently), repainted where seats change
 *   names   stage, areas, zones and rows; drawn when the view changes
 *   marks   what is chosen, pointed at and walked to; drawn at each move
 */
import { type Colour, inkOn, type Palette, type Stamp } from './glyphs'
import { type Box, type Hall, labelAt, surrounded } from './hall'
import { type Grid, gridOf, runs } from './hit'
import { LABEL_FROM, Looks, Renderer } from './render'
import { type Size, toScreen, type View } from './view'
import type { Words } from './words'

const MOST_PIXELS = 5_000_000 // beyond this a screen is drawn at less than its full density
const FEW = 500 // seats that are repainted one by one; more, and the whole is quicker
const ROW_NAMES_FROM = 9 // CSS pixels of a seat's diameter
const ZONE_NAMES_UPTO = 15

export interface Marks {
  chosen: ReadonlySet<number>
  orphans: readonly number[]
  hover: number
  cursor: number // where the keys are; -1: nowhere
  frame: Box | null // an area that is being drawn around seats, plan positions
}

const css = (colour: Colour): string => `#${colour.toString(16).padStart(6, '0')}`

export class Painter {
  readonly grid: Grid
  readonly looks: Looks
  readonly #renderer: Renderer
  readonly #seats: CanvasRenderingContext2D
  readonly #names: CanvasRenderingContext2D
  readonly #marks: CanvasRenderingContext2D
  readonly #round: boolean
  #image: ImageData
  #pixels: Uint32Array
  #size: Size = { width: 1, height: 1 }
  density = 1

  constructor(
    canvases: { seats: HTMLCanvasElement; names: HTMLCanvasElement; marks: HTMLCanvasElement },
    readonly hall: Hall,
    private palette: Palette,
    private brand: Colour,
    private readonly font: string,
  ) {
    this.#seats = canvases.seats.getContext('2d', { alpha: false, willReadFrequently: true })!
    this.#names = canvases.names.getContext('2d')!
    this.#marks = canvases.marks.getContext('2d')!
    this.grid = gridOf(hall.x, hall.y, Math.max(20, hall.pitch * 2))
    this.looks = new Looks(hall)
    this.#round = surrounded(hall)
    this.#renderer = new Renderer(hall, this.grid, this.looks, palette, palette.categories.map(inkOn), writer(font))
    this.#image = this.#seats.createImageData(1, 1)
    this.#pixels = new Uint32Array(this.#image.data.buffer)
  }

  /** Follow the place given to the plan; true when that changed anything. */
  resize(size: Size, devicePixels: number): boolean {
    const density = Math.min(devicePixels, Math.sqrt(MOST_PIXELS / Math.max(1, size.width * size.height)))
    const [width, height] = [Math.max(1, Math.round(size.width * density)), Math.max(1, Math.round(size.height * density))]
    if (width === this.#image.width && height === this.#image.height) return false
    this.density = density
    this.#size = size
    for (const context of [this.#seats, this.#names, this.#marks]) {
      context.canvas.width = width
      context.canvas.height = height
      context.canvas.style.width = `${size.width}px`
      context.canvas.style.height = `${size.height}px`
    }
    this.#image = this.#seats.createImageData(width, height)
    this.#pixels = new Uint32Array(this.#image.data.buffer)
    return true
  }

  #device(view: View): View {
    return { ...view, scale: view.scale * this.density }
  }

  /** Diameter of a seat on the screen, in CSS pixels. */
  diameter(view: View): number {
    return (2 * this.#renderer.radius(this.#device(view))) / this.density
  }

  draw(view: View, say: Words): void {
    this.#renderer.paint({ width: this.#image.width, height: this.#image.height, pixels: this.#pixels }, this.#device(view), this.density)
    this.#seats.putImageData(this.#image, 0, 0)
    this.#drawNames(view, say)
  }

  /** Repaint the seats whose look changed. */
  redraw(changed: readonly number[], view: View): void {
    const device = this.#device(view)
    const frame = { width: this.#image.width, height: this.#image.height, pixels: this.#pixels }
    if (changed.length > FEW) {
      this.#renderer.paint(frame, device, this.density)
      this.#seats.putImageData(this.#image, 0, 0)
      return
    }
    const reach = Math.ceil(this.#renderer.radius(device) * 1.4) + 2
    for (const i of changed) {
      const { x, y } = toScreen(device, this.hall.x[i]!, this.hall.y[i]!)
      const [left, top] = [Math.floor(x) - reach, Math.floor(y) - reach]
      const side = 2 * reach + 1
      if (left > frame.width || top > frame.height || left + side < 0 || top + side < 0) continue
      this.#renderer.paint(frame, device, this.density, { left, top, right: left + side, bottom: top + side })
      this.#seats.putImageData(this.#image, 0, 0, left, top, side, side)
    }
  }

  // -- names

  #drawNames(view: View, say: Words): void {
    const context = this.#names
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    context.setTransform(this.density, 0, 0, this.density, 0, 0)
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    this.#drawStage(view, say)
    this.#drawAreas(view, say)
    const diameter = this.diameter(view)
    if (diameter >= ROW_NAMES_FROM) this.#drawRows(view, diameter)
    if (diameter <= ZONE_NAMES_UPTO && this.hall.zones.length > 1) this.#drawZones(view, diameter)
  }

  #drawStage(view: View, say: Words): void {
    const { focus, width, height } = this.hall
    const context = this.#names
    const at = toScreen(view, focus[0], focus[1])
    context.fillStyle = css(this.palette.ink)
    if (this.#round) {
      // As large as the nearest seat allows, in the proportions of the plan.
      const [left, right, top, bottom] = this.#clearance()
      const from = toScreen(view, focus[0] - left * 0.82, focus[1] - top * 0.82)
      const to = toScreen(view, focus[0] + right * 0.82, focus[1] + bottom * 0.82)
      context.strokeStyle = css(this.palette.ink)
      context.globalAlpha = 0.06
      context.beginPath()
      context.roundRect(from.x, from.y, to.x - from.x, to.y - from.y, (to.y - from.y) * 0.16)
      context.fill()
      context.globalAlpha = 0.3
      context.lineWidth = 1.5
      context.stroke()
      context.globalAlpha = 1
      this.#write(say('arena').toUpperCase(), (from.x + to.x) / 2, (from.y + to.y) / 2, Math.min(22, (to.x - from.x) / 9))
      return
    }
    // A bar whose edge faces the seats: above, below or beside the house.
    const [dx, dy] = [width / 2 - focus[0], height / 2 - focus[1]]
    const across = Math.abs(dy) * width >= Math.abs(dx) * height
    const long = (across ? width : height) * 0.34 * view.scale
    const deep = Math.max(18, Math.min(64, 150 * view.scale))
    const sign = (across ? dy : dx) > 0 ? -1 : 1
    const gap = this.hall.pitch * 0.4 * view.scale
    const [w, h] = across ? [long, deep] : [deep, long]
    const [cx, cy] = across ? [at.x, at.y + sign * (gap + deep / 2)] : [at.x + sign * (gap + deep / 2), at.y]
    context.globalAlpha = 0.88
    context.beginPath()
    context.roundRect(cx - w / 2, cy - h / 2, w, h, 6)
    context.fill()
    context.globalAlpha = 1
    const words = say('stage').toUpperCase()
    context.fillStyle = css(this.palette.ground)
    context.font = `650 ${Math.min(20, deep * 0.5)}px ${this.font}`
    context.letterSpacing = '0.12em'
    context.save()
    context.translate(cx, cy)
    if (!across) context.rotate(-Math.PI / 2)
    context.fillText(words, 0, 1)
    context.restore()
    context.letterSpacing = '0px'
  }

  #clear?: [number, number, number, number]

  /** How far the seats are from the focus: left, right, above, below. */
  #clearance(): [number, number, number, number] {
    if (this.#clear) return this.#clear
    const { focus, x, y, seats } = this.hall
    const found: [number, number, number, number] = [Infinity, Infinity, Infinity, Infinity]
    for (let i = 0; i < seats; i++) {
      const [dx, dy] = [x[i]! - focus[0], y[i]! - focus[1]]
      if (Math.abs(dy) < Math.abs(dx) * 0.3) found[dx < 0 ? 0 : 1] = Math.min(found[dx < 0 ? 0 : 1], Math.abs(dx))
      if (Math.abs(dx) < Math.abs(dy) * 0.3) found[dy < 0 ? 2 : 3] = Math.min(found[dy < 0 ? 2 : 3], Math.abs(dy))
    }
    return (this.#clear = found.map((each) => (isFinite(each) ? each : this.hall.pitch)) as [number, number, number, number])
  }

  #drawAreas(view: View, say: Words): void {
    const context = this.#names
    for (const area of this.hall.areas) {
      if (!area.outline.length) continue
      context.beginPath()
      for (const [x, y] of area.outline) {
        const at = toScreen(view, x, y)
        context.lineTo(at.x, at.y)
      }
      context.closePath()
      const number = this.hall.categories.findIndex((category) => category.code === area.category)
      context.fillStyle = context.strokeStyle = css(this.palette.categories[number] ?? this.palette.ink)
      context.globalAlpha = 0.16
      context.fill()
      context.globalAlpha = 1
      context.lineWidth = 2
      context.stroke()
      const xs = area.outline.map(([x]) => x)
      const ys = area.outline.map(([, y]) => y)
      const at = toScreen(view, (Math.min(...xs) + Math.max(...xs)) / 2, (Math.min(...ys) + Math.max(...ys)) / 2)
      const size = Math.max(11, Math.min(18, ((Math.max(...xs) - Math.min(...xs)) * view.scale) / 10))
      this.#write(area.name, at.x, at.y - size * 0.7, size)
      this.#write(say('area', { n: area.capacity }), at.x, at.y + size * 0.7, size * 0.75)
    }
  }

  /** A name with a halo, so that it reads over seats. */
  #write(words: string, x: number, y: number, size: number, weight = 650): void {
    if (size < 7) return
    const context = this.#names
    context.font = `${weight} ${size}px ${this.font}`
    context.lineJoin = 'round'
    context.strokeStyle = css(this.palette.ground)
    context.globalAlpha = 0.85
    context.lineWidth = size * 0.32
    context.strokeText(words, x, y)
    context.globalAlpha = 1
    context.fillStyle = css(this.palette.ink)
    context.fillText(words, x, y)
  }

  #drawRows(view: View, diameter: number): void {
    const { hall } = this
    const size = Math.min(15, Math.max(9, diameter * 0.62))
    const edge = hall.pitch * 0.95
    for (const row of hall.rows) {
      if (!row.count) continue
      const short = row.label.length <= 3
      if (!short && diameter < 16) continue
      const [first, last] = [row.first - 1, row.first + row.count - 2]
      for (const [end, inner] of [[first, Math.min(first + 1, last)], [last, Math.max(last - 1, first)]] as const) {
        const [dx, dy] = [hall.x[end]! - hall.x[inner]!, hall.y[end]! - hall.y[inner]!]
        const far = Math.hypot(dx, dy) || 1
        const at = toScreen(view, hall.x[end]! + ((dx || (end === inner ? -1 : 0)) / far) * edge, hall.y[end]! + (dy / far) * edge)
        if (at.x < -20 || at.y < -20 || at.x > this.#size.width + 20 || at.y > this.#size.height + 20) continue
        if (short) this.#write(row.label, at.x, at.y, size)
        if (!short) break
      }
      if (short) continue
      const middle = (first + last) >> 1
      const next = Math.min(middle + 1, last)
      const at = toScreen(view, (hall.x[middle]! + hall.x[next]!) / 2, (hall.y[middle]! + hall.y[next]!) / 2)
      if (at.x > 0 && at.y > 0 && at.x < this.#size.width && at.y < this.#size.height) this.#write(row.label, at.x, at.y - diameter * 0.78, Math.min(12, size))
    }
  }

  /** Zones are named at the middle of their middle row, where seats are, even in a horseshoe. */
  #drawZones(view: View, diameter: number): void {
    const { hall } = this
    const taken: Box[] = []
    hall.zones.forEach((zone, number) => {
      const rows = hall.zoneRows[number]!
      if (!rows.length) return
      const box = hall.zoneBoxes[number]!
      const wide = (box.right - box.left) * view.scale
      const at = toScreen(view, ...this.#middle(number))
      const size = Math.max(10, Math.min(17, wide / Math.max(5, zone.name.length * 0.75), diameter + 9))
      const half = zone.name.length * size * 0.3
      const shape = { left: at.x - half, right: at.x + half, top: at.y - size * 0.6, bottom: at.y + size * 0.6 }
      if (half * 2 > wide * 1.25 || shape.right < 0 || shape.bottom < 0 || shape.left > this.#size.width || shape.top > this.#size.height) return
      if (taken.some((other) => other.left < shape.right && other.right > shape.left && other.top < shape.bottom && other.bottom > shape.top)) return
      taken.push(shape)
      this.#pill(zone.name, at.x, at.y, size)
    })
  }

  #middle(zone: number): [number, number] {
    const rows = this.hall.zoneRows[zone]!
    const row = this.hall.rows[rows[rows.length >> 1]!]!
    const i = row.first - 1 + (row.count >> 1)
    return [this.hall.x[i]!, this.hall.y[i]!]
  }

  #pill(words: string, x: number, y: number, size: number): void {
    const context = this.#names
    context.font = `650 ${size}px ${this.font}`
    const half = context.measureText(words).width / 2 + size * 0.5
    context.fillStyle = css(this.palette.ground)
    context.globalAlpha = 0.9
    context.beginPath()
    context.roundRect(x - half, y - size * 0.78, half * 2, size * 1.56, size * 0.5)
    context.fill()
    context.globalAlpha = 1
    context.fillStyle = css(this.palette.ink)
    context.fillText(words, x, y + size * 0.05)
  }

  // -- marks

  drawMarks(view: View, { chosen, orphans, hover, cursor, frame }: Marks): void {
    const context = this.#marks
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    context.setTransform(this.density, 0, 0, this.density, 0, 0)
    const radius = this.diameter(view) / 2
    const spot = (i: number) => toScreen(view, this.hall.x[i]!, this.hall.y[i]!)
    if (hover >= 0 && !chosen.has(hover)) this.#ring(spot(hover), Math.max(radius, 4) + 2.5, 2.5, css(this.palette.ink))
    const dot = Math.max(radius * 1.12, 4.5)
    for (const i of chosen) {
      const at = spot(i)
      if (at.x < -40 || at.y < -40 || at.x > this.#size.width + 40 || at.y > this.#size.height + 40) continue
      this.#disc(at, dot + 2, css(this.palette.ground))
      this.#disc(at, dot, css(this.brand))
      if (radius >= 10) {
        context.fillStyle = css(inkOn(this.brand))
        context.font = `700 ${dot * 0.78}px ${this.font}`
        context.textAlign = 'center'
        context.textBaseline = 'middle'
        context.fillText(labelAt(this.hall, i), at.x, at.y - dot * 0.26)
      }
      this.#tick(at.x, radius >= 10 ? at.y + dot * 0.44 : at.y, radius >= 10 ? dot * 0.36 : dot * 0.6)
    }
    for (const i of orphans) this.#orphan(spot(i), Math.max(radius, 5))
    if (cursor >= 0) {
      const at = spot(cursor)
      const reach = Math.max(chosen.has(cursor) ? dot + 2 : radius, 6) + 4
      this.#ring(at, reach, 5, css(this.palette.ground))
      this.#ring(at, reach, 3, this.#focus)
    }
    if (frame) {
      const [from, to] = [toScreen(view, frame.left, frame.top), toScreen(view, frame.right, frame.bottom)]
      context.fillStyle = context.strokeStyle = css(this.brand)
      context.globalAlpha = 0.12
      context.fillRect(from.x, from.y, to.x - from.x, to.y - from.y)
      context.globalAlpha = 1
      context.lineWidth = 2
      context.setLineDash([6, 4])
      context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y)
      context.setLineDash([])
    }
  }

  #focus = '#0b57ff'

  focusColour(colour: string): void {
    this.#focus = colour || this.#focus
  }

  #disc(at: { x: number; y: number }, radius: number, colour: string): void {
    this.#marks.fillStyle = colour
    this.#marks.beginPath()
    this.#marks.arc(at.x, at.y, radius, 0, 2 * Math.PI)
    this.#marks.fill()
  }

  #ring(at: { x: number; y: number }, radius: number, width: number, colour: string): void {
    this.#marks.strokeStyle = colour
    this.#marks.lineWidth = width
    this.#marks.beginPath()
    this.#marks.arc(at.x, at.y, radius, 0, 2 * Math.PI)
    this.#marks.stroke()
  }

  #tick(x: number, y: number, size: number): void {
    const context = this.#marks
    context.strokeStyle = css(inkOn(this.brand))
    context.lineWidth = Math.max(1.5, size * 0.34)
    context.lineCap = context.lineJoin = 'round'
    context.beginPath()
    context.moveTo(x - size * 0.75, y)
    context.lineTo(x - size * 0.15, y + size * 0.6)
    context.lineTo(x + size * 0.8, y - size * 0.6)
    context.stroke()
  }

  /** A seat that a choice leaves alone: a triangle with a stroke, over a broken ring. */
  #orphan(at: { x: number; y: number }, radius: number): void {
    const context = this.#marks
    const warn = css(this.palette.states[1]!)
    context.setLineDash([4, 3])
    this.#ring(at, radius + 2, 2, warn)
    context.setLineDash([])
    const size = Math.max(7, radius * 0.62)
    const [x, y] = [at.x + radius * 0.72, at.y - radius * 0.72]
    context.fillStyle = css(this.palette.ground)
    this.#disc({ x, y }, size * 1.15, css(this.palette.ground))
    context.fillStyle = warn
    context.beginPath()
    context.moveTo(x, y - size)
    context.lineTo(x + size, y + size * 0.75)
    context.lineTo(x - size, y + size * 0.75)
    context.fill()
    context.fillStyle = css(this.palette.ground)
    context.fillRect(x - size * 0.1, y - size * 0.4, size * 0.2, size * 0.6)
    context.fillRect(x - size * 0.1, y + size * 0.35, size * 0.2, size * 0.2)
  }

  /** Whether any seat lies under a part of the screen. */
  anySeatIn(box: Box): boolean {
    let any = false
    runs(this.grid, box.left, box.top, box.right, box.bottom, () => (any = true))
    return any
  }
}

export const labelsFrom = LABEL_FROM

/** Numbers as stamps, from a small canvas of their own. */
function writer(font: string): (text: string, colour: number, size: number) => Stamp {
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })!
  return (text, colour, size) => {
    const face = `650 ${size}px ${font}`
    context.font = face
    const width = (Math.ceil(context.measureText(text).width / 2) + 1) * 2 + 1
    const height = (Math.ceil(size / 2) + 1) * 2 + 1
    context.canvas.width = width
    context.canvas.height = height
    context.font = face
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    context.fillStyle = css(colour)
    context.fillText(text, width / 2, height / 2 + size * 0.06)
    return { width, height, pixels: new Uint32Array(context.getImageData(0, 0, width, height).data.buffer) }
  }
}
