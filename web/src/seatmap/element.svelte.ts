/**
 * <tk-seat-map geometry-url status-url events-url mode lang …>: a house of up to 60,000 seats to see, to choose from, to edit.
 *
 * Attributes: geometry-url (TKG1), status-url (TKS1) and events-url (server-sent deltas) may be left out for a plan without
 *   states; every-ms (without events-url: load the status again so often, 0: never); mode "pick" (default), "view", "edit"; legend "on", "off"; limit (most seats, 0: none); house (present: house seats
 *   may be chosen); currency; lang (else the page's).
 * Properties: prices {category code: minor units}, contingents {number: name}, sell [contingent numbers], own [ordinals that this
 *   basket holds; set it before asking for the hold, so that its delta does not look like somebody else's].
 * Methods: category(ordinal): the code of a seat's category; clear(), pick(ordinals), reload(), spot(ordinal): where a seat is in the window; show(geometry, ordinals): another
 *   state of a plan that is edited here, without geometry-url.
 * Events: tk-seats-picked {ordinals}, tk-seat-focused {ordinal}, tk-map-ready {seats}; after show(), tk-seats-moved {dx, dy}: the
 *   chosen seats were dragged so many centimetres.
 */
import { mount, unmount } from 'svelte'
import type { Geometry } from './geometry'
import type { Mode } from './pick'
import SeatMap from './SeatMap.svelte'
import styles from './seatmap.css?inline'
import { languageOf } from './words'

const ATTRIBUTES = ['geometry-url', 'status-url', 'events-url', 'every-ms', 'mode', 'legend', 'limit', 'house', 'currency', 'lang'] as const
const PROPERTIES = ['prices', 'contingents', 'sell', 'own'] as const
const MODES: Mode[] = ['pick', 'view', 'edit']

// A constructed sheet: the pages' policy allows no <style>.
const sheet = new CSSStyleSheet()
sheet.replaceSync(styles)

export class SeatMapElement extends HTMLElement {
  static readonly observedAttributes = ATTRIBUTES

  #props = $state({
    geometryUrl: '',
    statusUrl: null as string | null,
    eventsUrl: null as string | null,
    everyMs: 0,
    mode: 'pick' as Mode,
    legend: true,
    limit: 0,
    house: false,
    currency: 'EUR',
    language: languageOf(null),
    prices: {} as Record<string, number>,
    contingents: {} as Record<string, string>,
    sell: null as number[] | null,
    own: [] as number[],
    onpicked: (ordinals: number[]) => this.#tell('tk-seats-picked', { ordinals }),
    onfocused: (ordinal: number) => this.#tell('tk-seat-focused', { ordinal }),
    onmoved: (dx: number, dy: number) => this.#tell('tk-seats-moved', { dx, dy }),
    onready: (seats: number) => this.#tell('tk-map-ready', { seats }),
  })
  #map: ReturnType<typeof SeatMap> | null = null

  constructor() {
    super()
    this.attachShadow({ mode: 'open', delegatesFocus: false }).adoptedStyleSheets = [sheet]
  }

  connectedCallback(): void {
    for (const name of PROPERTIES) {
      if (!Object.hasOwn(this, name)) continue // set before this script arrived
      const value = this[name] as never
      delete (this as Record<string, unknown>)[name]
      this[name] = value
    }
    for (const name of ATTRIBUTES) this.attributeChangedCallback(name)
    this.#map = mount(SeatMap, { target: this.shadowRoot!, props: this.#props })
  }

  disconnectedCallback(): void {
    if (this.#map) void unmount(this.#map)
    this.#map = null
  }

  attributeChangedCallback(name: (typeof ATTRIBUTES)[number]): void {
    const value = this.getAttribute(name)
    switch (name) {
      case 'geometry-url': this.#props.geometryUrl = value ?? ''; break
      case 'status-url': this.#props.statusUrl = value; break
      case 'events-url': this.#props.eventsUrl = value; break
      case 'every-ms': this.#props.everyMs = Math.max(0, Math.floor(Number(value)) || 0); break
      case 'mode': this.#props.mode = MODES.find((mode) => mode === value) ?? 'pick'; break
      case 'legend': this.#props.legend = value !== 'off'; break
      case 'limit': this.#props.limit = Math.max(0, Math.floor(Number(value)) || 0); break
      case 'house': this.#props.house = value !== null; break
      case 'currency': this.#props.currency = value ?? 'EUR'; break
      case 'lang': this.#props.language = languageOf(value ?? document.documentElement.lang); break
      default: name satisfies never
    }
  }

  #tell(name: string, detail: object): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }))
  }

  get prices(): Record<string, number> { return this.#props.prices }
  set prices(prices) { this.#props.prices = prices }
  get contingents(): Record<string, string> { return this.#props.contingents }
  set contingents(names) { this.#props.contingents = names }
  get sell(): number[] | null { return this.#props.sell }
  set sell(numbers) { this.#props.sell = numbers }
  get own(): number[] { return this.#props.own }
  set own(ordinals) { this.#props.own = ordinals }

  /** The code of a seat's category; empty before the plan is here. */
  category(ordinal: number): string { return this.#map?.category(ordinal) ?? '' }
  get picked(): number[] { return this.#map?.picked() ?? [] }
  clear(): void { this.#map?.clear() }
  pick(ordinals: number[]): void { this.#map?.pick(ordinals) }
  spot(ordinal: number): { x: number; y: number } | null { return this.#map?.spot(ordinal) ?? null }
  reload(): void { this.#map?.reload() }
  show(geometry: Geometry, ordinals: number[]): void { void this.#map?.show(geometry, ordinals) }
}

customElements.define('tk-seat-map', SeatMapElement)
