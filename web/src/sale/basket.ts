/** The basket, pure. A line is an offer (one item, or an express key's several) taken a number of times. */
import type { Item } from '../api/till'

export interface Offer {
  label: string
  sublabel: string
  price: number
  items: Item[]
}

export interface Line extends Offer {
  id: string
  quantity: number
}

export type Basket = readonly Line[]

export const MOST = 999

/** The same for two offers of the same things, whichever key they come from. */
export function signature(items: readonly Item[]): string {
  return items.map(thing).map((name, i) => `${name}×${items[i]!.quantity}`).sort().join('+')
}

function thing(item: Item): string {
  switch (item.kind) {
    case 'admission':
      return `a:${item.performance_id}:${item.tariff_id}:${item.category_id ?? ''}:${item.seats?.join('.') ?? ''}`
    case 'product':
      return `p:${item.product_id}:${item.option ?? ''}`
    case 'reserved':
      return `r:${item.reservation_id}`
    default:
      return item satisfies never
  }
}

/** One more of the offer: a new line at the end, or its line again. */
export function add(basket: Basket, offer: Offer): Basket {
  const id = signature(offer.items)
  const known = basket.find((line) => line.id === id)
  if (known && isFixed(known)) return basket
  if (known) return setQuantity(basket, id, known.quantity + 1)
  return [...basket, { ...offer, id, quantity: 1 }]
}

/** Change a line's quantity; 0 takes the line away. */
export function setQuantity(basket: Basket, id: string, quantity: number): Basket {
  const wanted = Math.min(Math.max(0, Math.trunc(quantity)), MOST)
  if (wanted === 0) return basket.filter((line) => line.id !== id)
  return basket.map((line) => (line.id === id ? { ...line, quantity: wanted } : line))
}

/** The reserved file that a line is: taken once, and whole. */
export function reservedOf(line: Offer): string | null {
  const [item] = line.items
  return item?.kind === 'reserved' ? item.reservation_id : null
}

/** The seats that a line names: each is sold once, so the line has one quantity. */
export function seatsOf(line: Offer): { performance: string; seats: number[] } | null {
  const [item] = line.items
  return item?.kind === 'admission' && item.seats?.length ? { performance: item.performance_id, seats: item.seats } : null
}

/** Whether a line is taken as it is, or not at all. */
export const isFixed = (line: Offer): boolean => reservedOf(line) !== null || seatsOf(line) !== null

export const lineTotal = (line: Line): number => line.price * line.quantity
export const total = (basket: Basket): number => basket.reduce((sum, line) => sum + lineTotal(line), 0)
export const count = (basket: Basket): number => basket.reduce((sum, line) => sum + line.quantity * (seatsOf(line)?.seats.length ?? 1), 0)

/** What is sent: each thing once, its quantities of all lines added up. */
export function itemsOf(basket: Basket): Item[] {
  const merged = new Map<string, Item>()
  for (const line of basket) {
    for (const item of line.items) {
      const known = merged.get(thing(item))
      merged.set(thing(item), { ...item, quantity: (known?.quantity ?? 0) + item.quantity * line.quantity })
    }
  }
  return [...merged.values()]
}

/** Places of the performance that the basket already takes. */
export function placesTaken(basket: Basket, performanceId: string): number {
  return itemsOf(basket)
    .filter((item) => item.kind === 'admission' && item.performance_id === performanceId)
    .reduce((sum, item) => sum + item.quantity, 0)
}

/** The basket at today's prices, and the labels of the lines whose price changed. An unknown line is left: the till judges it. */
export function reprice(basket: Basket, offers: ReadonlyMap<string, Offer>): { basket: Basket; changed: string[] } {
  const changed: string[] = []
  const repriced = basket.map((line) => {
    const offer = offers.get(line.id)
    if (!offer || offer.price === line.price) return line
    changed.push(line.label)
    return { ...line, price: offer.price }
  })
  return changed.length ? { basket: repriced, changed } : { basket, changed }
}
