/** Cash at the counter, in minor units. */

const STEPS = [500, 1000, 2000, 5000, 10000]

/** What a customer is likely to hand over for this amount, besides the exact sum: 23.50 gives 25, 30, 40, 50. */
export function quickNotes(due: number): number[] {
  if (due <= 0) return []
  const likely = STEPS.map((step) => Math.ceil(due / step) * step).filter((amount) => amount > due)
  return [...new Set(likely)].sort((a, b) => a - b).slice(0, 4)
}

/** Digits typed on the numpad as an amount: "12,5" is 1250. Nothing typed is null. */
export function amountTyped(typed: string): number | null {
  if (typed === '') return null
  const [whole = '', cents = ''] = typed.split(',')
  return Number(whole || '0') * 100 + Number(cents.padEnd(2, '0').slice(0, 2))
}

/** The text after one more key of the numpad. A key that cannot follow is ignored. */
export function typeKey(typed: string, key: string): string {
  if (key === 'back') return typed.slice(0, -1)
  const [whole = '', cents] = typed.split(',')
  if (key === ',') return cents === undefined ? `${whole || '0'},` : typed
  if (!/^\d$/.test(key)) return typed
  if (cents !== undefined) return cents.length < 2 ? typed + key : typed
  if (whole === '0') return key
  return whole.length < 6 ? typed + key : typed
}

/** An amount as somebody types it in a field: "12,5", "12.50", "-3". Null when it is none. */
export function amountWritten(text: string): number | null {
  const found = /^(-|−)?(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(text.replace(/[\s\u00a0\u202f]/g, ''))
  if (!found) return null
  const [, sign, whole, cents = ''] = found
  const amount = Number(whole) * 100 + Number(cents.padEnd(2, '0'))
  return sign && amount ? -amount : amount
}

/** The value of counted cash. */
export function countedTotal(counts: Record<string, number>): number {
  return Object.entries(counts).reduce((sum, [denomination, pieces]) => sum + Number(denomination) * pieces, 0)
}
