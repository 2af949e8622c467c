/** What is chosen, pointed at and walked to: a thin layer, drawn at each move. */
import { css, inkOn, type Palette } from './glyphs'
import { type Box, type Hall, labelAt } from './hall'
import { type Point, type Size, toScreen, type View } from './view'

export interface Marks {
  chosen: ReadonlySet<number>
  orphans: readonly number[]
  hover: number
  cursor: number // where the keys are; -1: nowhere
  carried: Point // how far the chosen ones are being dragged, on the screen
  frame: Box | null // an area that is being drawn around seats, plan positions
}

const CROWD = 200 // from this many on, chosen seats seen from afar are plain dots: their halos would wipe each other out

export class MarksLayer {
  constructor(
    readonly context: CanvasRenderingContext2D,
    private readonly hall: Hall,
    private readonly palette: Palette,
    private readonly font: string,
  ) {}

  draw(view: View, size: Size, density: number, diameter: number, { chosen, orphans, hover, cursor, carried, frame }: Marks): void {
    const { context } = this
    const { brand } = this.palette
    context.setTransform(1, 0, 0, 1, 0, 0)
    context.clearRect(0, 0, context.canvas.width, context.canvas.height)
    context.setTransform(density, 0, 0, density, 0, 0)
    const radius = diameter / 2
    const spot = (i: number) => toScreen(view, this.hall.x[i]!, this.hall.y[i]!)
    if (hover >= 0 && !chosen.has(hover)) this.#ring(spot(hover), Math.max(radius, 4) + 2.5, 2.5, css(this.palette.ink))
    const dot = Math.max(radius * 1.12, 4.5)
    const crowd = chosen.size >= CROWD && radius < 4
    const small = Math.max(1.5, diameter)
    if (crowd) context.fillStyle = css(brand)
    for (const i of chosen) {
      const stood = spot(i)
      const at = { x: stood.x + carried.x, y: stood.y + carried.y }
      if (at.x < -40 || at.y < -40 || at.x > size.width + 40 || at.y > size.height + 40) continue
      if (crowd) {
        context.fillRect(at.x - small / 2, at.y - small / 2, small, small)
        continue
      }
      this.#disc(at, dot + 2, css(this.palette.ground))
      this.#disc(at, dot, css(brand))
      if (radius >= 10) {
        context.fillStyle = css(inkOn(brand))
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
      this.#ring(at, reach, 3, css(this.palette.focus))
    }
    if (frame) {
      const [from, to] = [toScreen(view, frame.left, frame.top), toScreen(view, frame.right, frame.bottom)]
      context.fillStyle = context.strokeStyle = css(brand)
      context.globalAlpha = 0.12
      context.fillRect(from.x, from.y, to.x - from.x, to.y - from.y)
      context.globalAlpha = 1
      context.lineWidth = 2
      context.setLineDash([6, 4])
      context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y)
      context.setLineDash([])
    }
  }

  #disc(at: Point, radius: number, colour: string): void {
    this.context.fillStyle = colour
    this.context.beginPath()
    this.context.arc(at.x, at.y, radius, 0, 2 * Math.PI)
    this.context.fill()
  }

  #ring(at: Point, radius: number, width: number, colour: string): void {
    this.context.strokeStyle = colour
    this.context.lineWidth = width
    this.context.beginPath()
    this.context.arc(at.x, at.y, radius, 0, 2 * Math.PI)
    this.context.stroke()
  }

  #tick(x: number, y: number, size: number): void {
    const { context } = this
    context.strokeStyle = css(inkOn(this.palette.brand))
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
    const { context } = this
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
