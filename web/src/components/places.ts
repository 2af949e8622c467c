import type { Performance } from '../api/till'
import { t, integer } from '../i18n/i18n.svelte'
import { placesTaken } from '../sale/basket'
import { register } from '../till/register.svelte'

const LOW = 10

/** Places that can still be sold here: those in the till's lease and, while connected, the free ones that it would be lent. */
export function placesLeft(performance: Performance): number {
  const lent = register.state?.online ? (performance.online_left ?? 0) : 0
  return performance.left + lent - placesTaken(register.basket, performance.id)
}

/** "42 places", "1 place" or "Complet", and whether few are left. */
export function places(left: number): { words: string; low: boolean } {
  if (left <= 0) return { words: t('sell.full'), low: true }
  return { words: left === 1 ? t('sell.leftOne') : t('sell.left', { n: integer(left) }), low: left <= LOW }
}
