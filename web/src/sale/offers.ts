/** What the layout sells, as offers for the basket. */
import type { Key, Layout, Performance, Product, Show, Tariff } from '../api/till'
import { type Offer, signature } from './basket'

export function tariffOffer(show: Show, performance: Performance, tariff: Tariff, time: string): Offer {
  return {
    label: `${show.title} · ${tariff.label}`,
    sublabel: [time, performance.hall].filter(Boolean).join(' · '),
    price: tariff.price,
    items: [{ kind: 'admission', performance_id: performance.id, tariff_id: tariff.id, quantity: 1 }],
  }
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
      default:
        page satisfies never
    }
  }
  return new Map(offers.map((offer) => [signature(offer.items), offer]))
}
