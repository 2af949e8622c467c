/**
 * The plan on the screen: three canvases over one another.
 *
 *   seats   pixels written by the renderer; opaque, kept in memory (willReadFrequently), repainted where seats change
 *   names   stage, areas, zones and rows; drawn when the view changes
 *   marks   what is chosen, pointed at and walked to; drawn at each move
 */
import { css, inkOn, type Palette, type Stamp, stamped } from './glyphs'
import type { Box, Hall } from './hall'
import { type Grid, gridOf } from './hit'
import { type Marks, MarksLayer } from './marks'
import { Names } from './names'
import { type Frame, Looks, Renderer } from './render'
import { type Size, toScreen, type View } from './view'
import type { Words } from './words'

const MOST_PIXELS = 5_000_000 // beyond this a screen is drawn at less than its full density
const FEW = 600 // seats that are repainted one by one; more, and the whole is quicker

export class Painter {
  readonly grid: Grid
  readonly looks: Looks
  readonly #renderer: Renderer
  readonly #seats: CanvasRenderingContext2D
  readonly #names: Names
  readonly #marks: MarksLayer
  #image: ImageData
  #pixels: Uint32Array
  #size: Size = { width: 1, height: 1 }
  density = 1

  constructor(
    canvases: { seats: HTMLCanvasElement; names: HTMLCanvasElement; marks: HTMLCanvasElement },
    readonly hall: Hall,
    palette: Palette,
    font: string,
  ) {
    this.#seats = canvases.seats.getContext('2d', { alpha: false, willReadFrequently: true })!
    this.grid = gridOf(hall.x, hall.y, Math.max(20, hall.pitch * 2))
    this.looks = new Looks(hall)
    this.#names = new Names(canvases.names.getContext('2d')!, hall, this.grid, palette, font)
    this.#marks = new MarksLayer(canvases.marks.getContext('2d')!, hall, palette, font)
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
    for (const context of [this.#seats, this.#names.context, this.#marks.context]) {
      context.canvas.width = width
      context.canvas.height = height
      context.canvas.style.width = `${size.width}px`
      context.canvas.style.height = `${size.height}px`
    }
    this.#image = this.#seats.createImageData(width, height)
    this.#pixels = new Uint32Array(this.#image.data.buffer)
    return true
  }

  drawMarks(view: View, marks: Marks): void {
    this.#marks.draw(view, this.#size, this.density, this.diameter(view), marks)
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
    this.#names.draw(view, this.#size, this.density, this.diameter(view), say)
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
