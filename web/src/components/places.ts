import { t, integer } from '../i18n/i18n.svelte'

const LOW = 10

/** "42 places", "1 place" or "Complet", and whether few are left. */
export function places(left: number): { words: string; low: boolean } {
  if (left <= 0) return { words: t('sell.full'), low: true }
  return { words: left === 1 ? t('sell.leftOne') : t('sell.left', { n: integer(left) }), low: left <= LOW }
}
