/** <tk-plan>: a picture of a seating plan with its legend. Pages give it its words: label, loading, broken, seats… */
import { COMPANION, countByCategory, decode, type Geometry, WHEELCHAIR } from '../seatmap/geometry'

const SEAT_CM = 21 // radius of a seat
const SMALLEST_PX = 0.75

class PlanPicture extends HTMLElement {
  #observer?: ResizeObserver

  connectedCallback(): void {
    void this.#show()
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect()
  }

  async #show(): Promise<void> {
    const status = this.#part('p', 'tk-plan-status', this.getAttribute('loading') ?? '')
    status.setAttribute('role', 'status')
    this.replaceChildren(status)
    try {
      const answer = await fetch(this.getAttribute('src')!)
      if (!answer.ok) throw new Error(String(answer.status))
      const plan = decode(await answer.arrayBuffer())
      const canvas = document.createElement('canvas')
      canvas.setAttribute('role', 'img')
      canvas.setAttribute('aria-label', `${this.getAttribute('label') ?? ''} : ${plan.name}`)
      this.replaceChildren(this.#legend(plan), canvas)
      this.#observer = new ResizeObserver(() => draw(canvas, plan, this.clientWidth))
      this.#observer.observe(this)
    } catch {
      status.textContent = this.getAttribute('broken')
    }
  }

  /** Each category with its colour and how many seats it has; wheelchair spaces are told by their square. */
  #legend(plan: Geometry): HTMLElement {
    const list = this.#part('ul', 'tk-plan-legend')
    const number = new Intl.NumberFormat(document.documentElement.lang)
    countByCategory(plan).forEach((count, i) => {
      const { name, colour } = plan.categories[i]!
      const mark = this.#part('span', 'tk-plan-mark')
      mark.style.background = colour
      const item = this.#part('li')
      item.append(mark, `${name} · ${number.format(count)} ${this.getAttribute('seats') ?? ''}`)
      list.append(item)
    })
    const focus = this.#part('li')
    focus.append(this.#part('span', 'tk-plan-mark tk-plan-focus'), this.getAttribute('focus') ?? '')
    list.append(focus)
    const spaces = plan.traits.reduce((sum, traits) => sum + (traits & WHEELCHAIR ? 1 : 0), 0)
    if (spaces) {
      const item = this.#part('li')
      item.append(this.#part('span', 'tk-plan-mark tk-plan-space'), `${this.getAttribute('spaces') ?? ''} · ${number.format(spaces)}`)
      list.append(item)
    }
    return list
  }

  #part(name: string, className = '', words = ''): HTMLElement {
    const part = document.createElement(name)
    part.className = className
    part.textContent = words
    return part
  }
}

/** The whole plan, as wide as its place. */
function draw(canvas: HTMLCanvasElement, plan: Geometry, width: number): void {
  const density = window.devicePixelRatio || 1
  const scale = (width * density) / plan.width
  canvas.width = Math.round(width * density)
  canvas.height = Math.round(plan.height * scale)
  canvas.style.width = `${width}px`
  const context = canvas.getContext('2d')
  if (!context || !width) return
  const radius = Math.max(SEAT_CM * scale, SMALLEST_PX * density)
  const ink = getComputedStyle(canvas).getPropertyValue('--tk-text').trim()
  plan.categories.forEach(({ colour }, category) => {
    context.fillStyle = colour
    context.beginPath()
    for (let i = 0; i < plan.seats; i++) {
      if (plan.category[i] !== category) continue
      const [x, y] = [plan.x[i]! * scale, plan.y[i]! * scale]
      if (plan.traits[i]! & WHEELCHAIR) context.rect(x - radius, y - radius, 2 * radius, 2 * radius)
      else {
        context.moveTo(x + radius, y)
        context.arc(x, y, radius, 0, 2 * Math.PI)
      }
    }
    context.fill()
  })
  const [focusX, focusY] = [plan.focus[0] * scale, plan.focus[1] * scale]
  const reach = Math.max(3 * radius, 6 * density)
  context.fillStyle = ink
  context.beginPath()
  context.moveTo(focusX, focusY - reach)
  context.lineTo(focusX + reach, focusY)
  context.lineTo(focusX, focusY + reach)
  context.lineTo(focusX - reach, focusY)
  context.fill()
  context.strokeStyle = ink
  context.lineWidth = Math.max(1, density)
  for (let i = 0; i < plan.seats; i++) {
    if (!(plan.traits[i]! & (WHEELCHAIR | COMPANION))) continue
    const [x, y] = [plan.x[i]! * scale, plan.y[i]! * scale]
    context.beginPath()
    if (plan.traits[i]! & WHEELCHAIR) context.rect(x - radius, y - radius, 2 * radius, 2 * radius)
    else context.arc(x, y, radius, 0, 2 * Math.PI)
    context.stroke()
  }
}

customElements.define('tk-plan', PlanPicture)
