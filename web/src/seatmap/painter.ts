/**
 * The plan on the screen: three canvases over one another.
 *
 *   seats   pixels written by the renderer; opaque, kept in memory (willReadFrequently), repainted where seats change
 *   names   stage, areas, zones and rows; drawn when the view changes
 *   marks   what is chosen, pointed at and walked to; drawn at each move
 */
import { type Colour, inkOn, type Palette, type Stamp, stamped } from './glyphs'
import { type Box, type Hall, labelAt, surrounded } from './hall'
import { type Grid, gridOf, inside } from './hit'
import { chain } from './pick'
import { type Frame, Looks, Renderer } from './render'
import { type Point, type Size, toPlan, toScreen, type View } from './view'
import type { Words } from './words'

const MOST_PIXELS = 5_000_000 // beyond this a screen is drawn at less than its full density
const FEW = 600 // seats that are repainted one by one; more, and the whole is quicker
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
  readonly #runs: [number, number][] // first and last seat of each run of neighbours
  readonly #fronts: [number, number][] // of each zone: a place in the middle of its front
  readonly #flanks: [number, number][][] // and its outermost seats, left and right
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
    this.#runs = runsOf(hall)
    this.#fronts = hall.zones.map((_, zone) => frontOf(hall, zone))
    this.#flanks = hall.zones.map((_, zone) => flanksOf(hall, zone))
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
    this.forget()
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

  /** The view in device pixels, at whole ones: so a plan that is pushed shows the same pixels elsewhere. */
  #device(view: View): View {
    const scale = view.scale * this.density
    return { scale, left: Math.round(view.left * scale) / scale, top: Math.round(view.top * scale) / scale }
  }

  get #frame(): Frame {
    return { width: this.#image.width, height: this.#image.height, pixels: this.#pixels }
  }

  /** Diameter of a seat on the screen, in CSS pixels. */
  diameter(view: View): number {
    return (2 * this.#renderer.radius(this.#device(view))) / this.density
  }

  draw(view: View, say: Words): void {
    const device = this.#device(view)
    if (!this.#shifted(device)) this.#renderer.paint(this.#frame, device, this.density)
    this.#drawn = device
    this.#seats.putImageData(this.#image, 0, 0)
    this.#drawNames(view, say)
  }

  #drawn: View | null = null // what the pixels show; null when looks changed since

  /** Whether the picture is the last one pushed aside: then only the strips that came into sight are painted. */
  #shifted(now: View): boolean {
    const was = this.#drawn
    const { width, height, pixels } = this.#frame
    if (!was || was.scale !== now.scale) return false
    const dx = Math.round((was.left - now.left) * now.scale)
    const dy = Math.round((was.top - now.top) * now.scale)
    if (Math.abs(dx) >= width || Math.abs(dy) >= height) return false
    if (dx || dy) {
      // Lines that grow together at the sides are painted anew below.
      const by = dy * width + dx
      if (by > 0) pixels.copyWithin(by, 0, pixels.length - by)
      else pixels.copyWithin(0, -by)
    }
    if (dy) this.#renderer.paint(this.#frame, now, this.density, { left: 0, right: width, top: dy > 0 ? 0 : height + dy, bottom: dy > 0 ? dy : height })
    if (dx) this.#renderer.paint(this.#frame, now, this.density, { top: 0, bottom: height, left: dx > 0 ? 0 : width + dx, right: dx > 0 ? dx : width })
    return true
  }

  /** The looks of many seats changed: the next drawing begins anew. */
  forget(): void {
    this.#drawn = null
  }

  /** Repaint the seats whose look changed, in the view that was drawn last. */
  redraw(changed: readonly number[]): void {
    const view = this.#drawn
    if (!view) return // the next drawing shows them
    const frame = this.#frame
    if (changed.length > FEW) {
      this.#renderer.repaint(frame, view, this.density)
      this.#seats.putImageData(this.#image, 0, 0)
      return
    }
    const reach = Math.ceil(this.#renderer.radius(view) * 1.4) + 2
    const touched: Box = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity }
    for (const i of changed) {
      const at = toScreen(view, this.hall.x[i]!, this.hall.y[i]!)
      const area = { left: Math.floor(at.x) - reach, top: Math.floor(at.y) - reach, right: Math.floor(at.x) + reach + 1, bottom: Math.floor(at.y) + reach + 1 }
      if (area.left >= frame.width || area.top >= frame.height || area.right <= 0 || area.bottom <= 0) continue
      this.#renderer.paint(frame, view, this.density, area)
      touched.left = Math.min(touched.left, area.left)
      touched.top = Math.min(touched.top, area.top)
      touched.right = Math.max(touched.right, area.right)
      touched.bottom = Math.max(touched.bottom, area.bottom)
    }
    if (touched.left < touched.right) this.#seats.putImageData(this.#image, 0, 0, touched.left, touched.top, touched.right - touched.left, touched.bottom - touched.top)
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

  /** Each run of neighbours bears its row's name at its beginning, so also at aisles; a long one at its end too. */
  #drawRows(view: View, diameter: number): void {
    const { hall } = this
    const size = Math.min(15, Math.max(9, diameter * 0.62))
    const onScreen = (at: Point) => at.x > -20 && at.y > -20 && at.x < this.#size.width + 20 && at.y < this.#size.height + 20
    for (const [first, last] of this.#runs) {
      const { label } = hall.rows[hall.rowOf[first]!]!
      if (label.length > 3) {
        if (diameter >= 16) this.#nameBox(view, label, first, last, diameter)
        continue
      }
      const start = this.#beyond(view, first, first === last ? -1 : hall.right[first]!)
      if (onScreen(start)) this.#write(label, start.x, start.y, size)
      const end = this.#beyond(view, last, hall.left[last]!)
      if (onScreen(end) && Math.hypot(end.x - start.x, end.y - start.y) > this.#size.width * 0.5) this.#write(label, end.x, end.y, size)
    }
  }

  /** A place beside the last seat of a run, where its neighbour would be. */
  #beyond(view: View, end: number, inner: number): Point {
    const { x, y, pitch } = this.hall
    const [dx, dy] = inner < 0 ? [-1, 0] : [x[end]! - x[inner]!, y[end]! - y[inner]!]
    const reach = (pitch * 0.95) / (Math.hypot(dx, dy) || 1)
    return toScreen(view, x[end]! + dx * reach, y[end]! + dy * reach)
  }

  /** Rows with long names are boxes: the name stands above their middle. */
  #nameBox(view: View, label: string, first: number, last: number, diameter: number): void {
    const { x, y } = this.hall
    const at = toScreen(view, (x[first]! + x[last]!) / 2, Math.min(y[first]!, y[last]!))
    if (at.x > 0 && at.y > 0 && at.x < this.#size.width && at.y < this.#size.height) this.#write(label, at.x, at.y - diameter * 0.86, Math.min(13, diameter * 0.5))
  }

  /**
   * Zones are named where nobody sits: before their front, else beside their outermost seats. Where there is no such
   * place (sectors of a stadium), over the middle of their seats.
   */
  #drawZones(view: View, diameter: number): void {
    const { hall } = this
    const taken: Box[] = []
    const reach = hall.pitch * 0.3
    const clear = (shape: Box) => {
      const [from, to] = [toPlan(view, shape.left, shape.top), toPlan(view, shape.right, shape.bottom)]
      return !inside(this.grid, from.x - reach, from.y - reach, to.x + reach, to.y + reach).length
    }
    const free = (shape: Box) =>
      shape.right > 2 && shape.bottom > 2 && shape.left < this.#size.width - 2 && shape.top < this.#size.height - 2 &&
      !taken.some((other) => other.left < shape.right && other.right > shape.left && other.top < shape.bottom && other.bottom > shape.top)
    const about = (at: Point, words: string, size: number): Box => {
      this.#names.font = `650 ${size}px ${this.font}`
      const half = this.#names.measureText(words).width / 2 + 3
      return { left: at.x - half, right: at.x + half, top: at.y - size * 0.56, bottom: at.y + size * 0.56 }
    }
    hall.zones.forEach(({ name }, number) => {
      const box = hall.zoneBoxes[number]!
      const wide = (box.right - box.left) * view.scale
      if (!hall.zoneRows[number]!.length || wide < 24) return
      if (!this.#round) {
        for (const size of [15, 13, 11]) {
          const half = about({ x: 0, y: 0 }, name, size).right
          const besides = this.#flanks[number]!.map(([x, y], side) => {
            const at = toScreen(view, x, y)
            return { x: at.x + (side ? 1 : -1) * (half + diameter), y: at.y }
          })
          const spot = [0, 1, 2, 3].map((nudge) => this.#before(number, view, size * (0.75 + nudge * 0.4))).concat(besides).find((at) => {
            const shape = about(at, name, size)
            return shape.left > 2 && shape.right < this.#size.width - 2 && free(shape) && clear(shape)
          })
          if (!spot) continue
          taken.push(about(spot, name, size))
          this.#write(name, spot.x, spot.y, size)
          return
        }
      }
      const size = this.#round ? 10 : 11
      const over = toScreen(view, ...this.#middle(number))
      const shape = about(over, name, size)
      if (shape.right - shape.left > wide * 1.15 || !free(shape)) return
      taken.push(shape)
      this.#pill(name, over.x, over.y, size)
    })
  }

  /** So many pixels before the seat in the middle of the zone's front, towards what people look at. */
  #before(zone: number, view: View, pixels: number): Point {
    const [x, y] = this.#fronts[zone]!
    const { focus, pitch } = this.hall
    const away = Math.hypot(focus[0] - x, focus[1] - y) || 1
    const reach = pitch * 0.6 + pixels / view.scale
    return toScreen(view, x + ((focus[0] - x) / away) * reach, y + ((focus[1] - y) / away) * reach)
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

  #disc(at: Point, radius: number, colour: string): void {
    this.#marks.fillStyle = colour
    this.#marks.beginPath()
    this.#marks.arc(at.x, at.y, radius, 0, 2 * Math.PI)
    this.#marks.fill()
  }

  #ring(at: Point, radius: number, width: number, colour: string): void {
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
  #orphan(at: Point, radius: number): void {
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
}

function runsOf(hall: Hall): [number, number][] {
  const found: [number, number][] = []
  for (let first = 0; first < hall.seats; first++) {
    if (hall.left[first]! >= 0) continue
    const seats = chain(hall, first)
    found.push([first, seats[seats.length - 1]!])
  }
  return found
}

/** Straight before the middle of a zone, as near to the focus as its seats there. */
function frontOf(hall: Hall, zone: number): [number, number] {
  const { focus, x, y } = hall
  const seats = hall.zoneRows[zone]!.map((number) => hall.rows[number]!).flatMap((row) => [row.first - 1, row.first - 1 + (row.count >> 1), row.first + row.count - 2])
  const box = hall.zoneBoxes[zone]!
  const [mx, my] = [(box.left + box.right) / 2 - focus[0], (box.top + box.bottom) / 2 - focus[1]]
  const far = Math.hypot(mx, my) || 1
  let [best, cost] = [[focus[0] + mx, focus[1] + my] as [number, number], Infinity]
  for (const i of seats) {
    const [dx, dy] = [x[i]! - focus[0], y[i]! - focus[1]]
    const aside = Math.abs(dx * my - dy * mx) / far
    const along = (dx * mx + dy * my) / far
    const each = along + 2 * aside
    if (along > 0 && each < cost) [best, cost] = [[focus[0] + (mx / far) * along, focus[1] + (my / far) * along], each]
  }
  return best
}

/** The outermost seats of a zone, left and right. */
function flanksOf(hall: Hall, zone: number): [number, number][] {
  let [left, right] = [-1, -1]
  for (const number of hall.zoneRows[zone]!) {
    const row = hall.rows[number]!
    for (let i = row.first - 1; i < row.first - 1 + row.count; i++) {
      if (left < 0 || hall.x[i]! < hall.x[left]!) left = i
      if (right < 0 || hall.x[i]! > hall.x[right]!) right = i
    }
  }
  return left < 0 ? [] : [[hall.x[left]!, hall.y[left]!], [hall.x[right]!, hall.y[right]!]]
}

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
    return stamped(width, height, new Uint32Array(context.getImageData(0, 0, width, height).data.buffer))
  }
}
