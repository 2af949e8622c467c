/** What stands written on the plan: stage, areas, rows and zones. */
import { css, type Palette } from './glyphs'
import { type Box, type Hall, surrounded } from './hall'
import { type Grid, inside } from './hit'
import { chain } from './pick'
import { type Point, type Size, toPlan, toScreen, type View } from './view'
import type { Words } from './words'

const ROW_NAMES_FROM = 9 // CSS pixels of a seat's diameter
const ZONE_NAMES_UPTO = 15

export class Names {
  readonly #round: boolean
  readonly #runs: [number, number][] // first and last seat of each run of neighbours
  readonly #fronts: [number, number][] // of each zone: a place in the middle of its front
  readonly #flanks: [number, number][][] // and its outermost seats, left and right
  #size: Size = { width: 1, height: 1 }

  constructor(
    readonly context: CanvasRenderingContext2D,
    private readonly hall: Hall,
    private readonly grid: Grid,
    private readonly palette: Palette,
    private readonly font: string,
  ) {
    this.#round = surrounded(hall)
    this.#runs = runsOf(hall)
    this.#fronts = hall.zones.map((_, zone) => frontOf(hall, zone))
    this.#flanks = hall.zones.map((_, zone) => flanksOf(hall, zone))
  }

  draw(view: View, size: Size, density: number, diameter: number, say: Words): void {
    const { context } = this
    this.#size = size
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    context.setTransform(density, 0, 0, density, 0, 0)
    context.textAlign = 'center'
    context.textBaseline = 'middle'
    this.#drawStage(view, say)
    this.#drawAreas(view, say)
    if (diameter >= ROW_NAMES_FROM) this.#drawRows(view, diameter)
    if (diameter <= ZONE_NAMES_UPTO && this.hall.zones.length > 1) this.#drawZones(view, diameter)
  }

  #drawStage(view: View, say: Words): void {
    const { focus, width, height } = this.hall
    const { context } = this
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
    const { context } = this
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
    const { context } = this
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
      this.context.font = `650 ${size}px ${this.font}`
      const half = this.context.measureText(words).width / 2 + 3
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
    const { context } = this
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
