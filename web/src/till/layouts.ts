/**
 * A wedge reader types as a keyboard would, for one keyboard layout; where the machine has another, letters and digits
 * come out wrong: "A" as "Q", "1" as "&". A known code tells which, and what each character must be turned into.
 */

/** What was typed, as what was read. */
export type Translation = Readonly<Record<string, string>>

/** Who is set to what: words to tell whoever mends it. */
export type Mismatch = 'qwertyReader' | 'azertyReader' | 'capitals' | 'other'

export type Verdict =
  | { state: 'right' }
  | { state: 'translated'; map: Translation; mismatch: Mismatch }
  | { state: 'garbled'; got: string } // characters are missing, or two came out as the same one

export function judge(read: string, typed: string): Verdict {
  if (read === typed) return { state: 'right' }
  const [from, to] = [[...typed], [...read]]
  const map: Record<string, string> = {}
  const turned = new Map<string, string>()
  for (const [at, char] of from.entries()) {
    if (from.length !== to.length || (turned.has(char) && turned.get(char) !== to[at])) return { state: 'garbled', got: typed }
    turned.set(char, to[at]!)
    if (char !== to[at]) map[char] = to[at]!
  }
  return { state: 'translated', map, mismatch: mismatchOf(turned) }
}

function mismatchOf(turned: ReadonlyMap<string, string>): Mismatch {
  if (turned.get('&') === '1') return 'qwertyReader' // its key for 1 needs Shift on a French keyboard
  if (turned.get('!') === '1') return 'azertyReader'
  if (turned.get('a') === 'A' && turned.get('A') === 'a') return 'capitals'
  return 'other'
}

export const translate = (typed: string, map: Translation): string => [...typed].map((char) => map[char] ?? char).join('')
