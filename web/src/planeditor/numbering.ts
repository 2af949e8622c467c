/** What is written on the seats of a row, from left to right. */

export type Scheme = 'all' | 'odd' | 'even' | 'centre'

export interface Numbering {
  scheme: Scheme // centre: odd to the left, even to the right, from the middle outwards (théâtre à l'italienne)
  start: number
  fromRight: boolean
}

export function numbers(count: number, { scheme, start, fromRight }: Numbering): string[] {
  if (scheme === 'centre') {
    const left = Math.ceil(count / 2)
    const odd = Array.from({ length: left }, (_, i) => 2 * (left - i) - 1)
    const even = Array.from({ length: count - left }, (_, i) => 2 * (i + 1))
    return [...odd, ...even].map(String)
  }
  const step = scheme === 'all' ? 1 : 2
  const parity = scheme === 'odd' ? 1 : 0
  const first = scheme === 'all' || Math.abs(start % 2) === parity ? start : start + 1
  const found = Array.from({ length: count }, (_, i) => String(first + step * i))
  return fromRight ? found.reverse() : found
}

/** The label of the nth row after this one: a number at the end counts on, letters go on as letters (Z, AA). */
export function rowLabel(first: string, n: number): string {
  const [, head, tail] = /^(.*?)(\d+)$/.exec(first) ?? []
  if (tail !== undefined) return `${head}${Number(tail) + n}`
  if (!/^[A-Z]{1,2}$/.test(first)) return n ? `${first}${n + 1}` : first
  let number = [...first].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) + n
  let label = ''
  for (; number > 0; number = Math.floor((number - 1) / 26)) label = String.fromCharCode(65 + ((number - 1) % 26)) + label
  return label
}
