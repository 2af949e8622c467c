/** A seat in words: the same sentence for the ear, the list and the card beside the pointer. */
import { COMPANION, WHEELCHAIR } from './geometry'
import { FOLDING, type Hall, labelAt, REDUCED_VIEW, rowAt } from './hall'
import { contingentOf, stateOf } from './status'
import type { Sentence, Words } from './words'

export const STATE_WORDS: Sentence[] = ['free', 'held', 'leased', 'optioned', 'sold', 'house', 'killed', 'apart']
export const STATE_PLURALS: Sentence[] = ['frees', 'helds', 'leaseds', 'optioneds', 'solds', 'houses', 'killeds', 'aparts']
export const TRAIT_WORDS: [number, Sentence][] = [[WHEELCHAIR, 'wheelchair'], [COMPANION, 'companion'], [FOLDING, 'folding'], [REDUCED_VIEW, 'reduced']]

/** A box (loge) has the name of its row, and no row letter of its own. */
const rowName = (label: string, say: Words): string => (/^\S{1,3}$/.test(label) ? say('row', { label }) : label)

export const rowTitle = (label: string, say: Words): string => (/^\S{1,3}$/.test(label) ? say('Row', { label }) : label)

/** "Parterre, rang C, place 12". */
export function whereIs(hall: Hall, i: number, say: Words): string {
  const row = rowAt(hall, i)
  return [hall.zones[row.zone]!.name, rowName(row.label, say), say('seat', { label: labelAt(hall, i) })].join(', ')
}

/** "C 12": for a list of chosen seats. */
export const shortName = (hall: Hall, i: number): string => `${rowAt(hall, i).label} ${labelAt(hall, i)}`.trim()

export function stateWords(byte: number, say: Words, contingents: Record<string, string>): string {
  const number = contingentOf(byte)
  const state = say(STATE_WORDS[stateOf(byte)] ?? 'killed')
  return number ? `${state}, ${contingents[number] ?? say('contingentNumber', { n: number })}` : state
}

export const traitWords = (traits: number, say: Words): string[] => TRAIT_WORDS.filter(([trait]) => traits & trait).map(([, sentence]) => say(sentence).toLowerCase())

/** "Parterre, rang C, place 12, catégorie 1, libre". */
export function describe(hall: Hall, i: number, byte: number, say: Words, contingents: Record<string, string>, chosen = false): string {
  const category = hall.categories[hall.category[i]!]!.name
  return [
    whereIs(hall, i, say),
    category.charAt(0).toLowerCase() + category.slice(1),
    ...traitWords(hall.traits[i]!, say),
    stateWords(byte, say, contingents),
    ...(chosen ? [say('mine')] : []),
  ].join(', ')
}
