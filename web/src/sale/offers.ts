/** What the layout sells, as offers for the basket. */
import type { CalendarShow, Item, Key, Layout, NamedSeat, Performance, Product, Tariff } from '../api/till'
import { type Offer, signature } from './basket'

/** One place; where seats are numbered, the best one of the tariff's category, which `best` says. */
export function tariffOffer(show: CalendarShow, performance: Performance, tariff: Tariff, time: string, best = ''): Offer {
  const numbered = performance.plan !== null
  return {
    label: numbered ? `${show.title} · ${tariff.label} · ${tariff.category}` : `${show.title} · ${tariff.label}`,
    sublabel: [time, performance.hall, numbered && best].filter(Boolean).join(' · '),
    price: tariff.price,
    items: [{ kind: 'admission', performance_id: performance.id, tariff_id: tariff.id, quantity: 1, ...(numbered ? { category_id: tariff.category_id } : {}) }],
  }
}

/** The seats that a customer chose, all of the tariff's category. */
export function seatsOffer(show: CalendarShow, performance: Performance, tariff: Tariff, seats: readonly NamedSeat[], time: string): Offer {
  const [item] = tariffOffer(show, performance, tariff, time).items
  return {
    label: `${seats.length} × ${show.title} · ${tariff.label} · ${tariff.category}`,
    sublabel: [time, ...placeWords(seats)].join(' · '),
    price: tariff.price * seats.length,
    items: [{ ...(item as Extract<Item, { kind: 'admission' }>), quantity: seats.length, seats: seats.map((seat) => seat.ordinal) }],
  }
}

/** "Parterre · C 12, C 13, C 14": each zone once. */
function placeWords(seats: readonly NamedSeat[]): string[] {
  const zones = new Map<string, string[]>()
  for (const { words } of seats) {
    const [seat, zone] = [words.split(' · ').pop()!, words.split(' · ').slice(0, -1).join(' · ')]
    zones.set(zone, [...(zones.get(zone) ?? []), seat.replace(' ', '\u00a0')])
  }
  return [...zones].map(([zone, names]) => [zone, names.join(', ')].filter(Boolean).join(' '))
}

/** The tariffs of a numbered performance by the category of their seats, in the layout's order. */
export function byCategory(performance: Performance): { id: string; name: string; code: string; tariffs: Tariff[] }[] {
  const found = new Map<string, { id: string; name: string; code: string; tariffs: Tariff[] }>()
  for (const tariff of performance.tariffs) {
    const category = found.get(tariff.category_id) ?? { id: tariff.category_id, name: tariff.category, code: tariff.seats, tariffs: [] }
    category.tariffs.push(tariff)
    found.set(tariff.category_id, category)
  }
  return [...found.values()]
}

export function productOffer(product: Product, option: string | null): Offer {
  const chosen = product.options.find((one) => one.code === option)
  return {
    label: product.label,
    sublabel: chosen?.label ?? '',
    price: chosen?.price ?? product.price,
    items: [{ kind: 'product', product_id: product.id, option: chosen?.code ?? null, quantity: 1 }],
  }
}

/** The key's offer, or null when it sells nothing now. */
export function keyOffer(key: Key): Offer | null {
  if (key.disabled !== null || key.price === null || key.items.length === 0) return null
  return { label: key.label, sublabel: key.sublabel, price: key.price, items: key.items }
}

/** Every offer of the layout by its signature, to follow prices when the layout changes. */
export function allOffers(layout: Layout): Map<string, Offer> {
  const offers: Offer[] = []
  for (const page of layout.pages) {
    switch (page.kind) {
      case 'keys':
        offers.push(...page.keys.map(keyOffer).filter((offer) => offer !== null))
        break
      case 'performances':
        for (const show of page.shows)
          for (const performance of show.performances)
            offers.push(...performance.tariffs.map((tariff) => tariffOffer(show, performance, tariff, '')))
        break
      case 'products':
        for (const product of page.families.flatMap((family) => family.products))
          offers.push(productOffer(product, null), ...product.options.map((option) => productOffer(product, option.code)))
        break
      case 'calendar':
        break // its dates are asked for by the month
      default:
        page satisfies never
    }
  }
  return new Map(offers.map((offer) => [signature(offer.items), offer]))
}
