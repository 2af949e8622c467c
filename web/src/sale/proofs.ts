/** Tariffs of the basket, reduced or free, for which somebody must show a proof before the money is taken. */
import type { Layout, Tariff } from '../api/till'
import type { Basket } from './basket'

export interface Proof {
  id: string // of the line and its tariff: what was seen is not asked for again
  label: string
  proof: string
  places: number
}

/** Every tariff that the layout lists, by its id; those of a calendar come with its dates. */
export function tariffsOf(layout: Layout): Map<string, Tariff> {
  const performances = layout.pages.flatMap((page) => {
    switch (page.kind) {
      case 'keys':
        return page.keys.flatMap((key) => key.performance ?? [])
      case 'performances':
        return page.shows.flatMap((show) => show.performances)
      case 'calendar':
      case 'products':
        return []
      default:
        return page satisfies never
    }
  })
  return new Map(performances.flatMap((performance) => performance.tariffs.map((tariff) => [tariff.id, tariff])))
}

export function proofsOf(basket: Basket, tariffs: ReadonlyMap<string, Tariff>): Proof[] {
  return basket.flatMap((line) =>
    line.items.flatMap((item) => {
      const tariff = item.kind === 'admission' ? tariffs.get(item.tariff_id) : undefined
      if (!tariff?.proof) return []
      return { id: `${line.id}|${tariff.id}`, label: tariff.label, proof: tariff.proof, places: item.quantity * line.quantity }
    }),
  )
}
