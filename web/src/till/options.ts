/** A driver's options as one line: "dpi=300 cut=false". */
export type Options = Record<string, string | number | boolean>

export function optionsOf(words: string): Options {
  const pairs = words.trim().split(/\s+/).filter(Boolean).map((pair) => pair.split(/=(.*)/s) as [string, string?])
  return Object.fromEntries(pairs.map(([name, value = '']) => [name, valueOf(value)]))
}

function valueOf(word: string): string | number | boolean {
  if (word === 'true' || word === 'false') return word === 'true'
  return /^(0|[1-9]\d{0,8})$/.test(word) ? Number(word) : word // 000000 is a password
}

export const wordsOf = (options: Options): string => Object.entries(options).map(([name, value]) => `${name}=${value}`).join(' ')
