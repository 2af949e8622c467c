import { describe, expect, it } from 'vitest'
import { smallHall } from './house.fixture'
import { HELD } from './status'
import { describe as inWords, shortName } from './telling'
import { CATALOGUES, languageOf, wordsIn } from './words'

const holes = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

it('both languages say the same things, with the same facts', () => {
  expect(Object.keys(CATALOGUES.en).sort()).toEqual(Object.keys(CATALOGUES.fr).sort())
  for (const [key, sentence] of Object.entries(CATALOGUES.fr)) expect([key, holes(CATALOGUES.en[key as 'plan'])]).toEqual([key, holes(sentence)])
})

describe('a seat in words', () => {
  it('in French', () => {
    expect(inWords(smallHall(), 9, 0, wordsIn('fr'), {})).toBe('Parterre, rang B, place 2, catégorie 2, libre')
  })

  it('in English, with its contingent and its mark', () => {
    expect(inWords(smallHall(), 11, HELD | (3 << 3), wordsIn('en'), { 3: 'Press' }, true)).toBe('Parterre, row B, seat 4, catégorie 2, wheelchair space, in a basket, Press, chosen')
  })

  it('a box has its name, not a row', () => {
    expect(inWords(smallHall(), 16, 0, wordsIn('fr'), {})).toContain('Loges, Loge 1, place 1')
    expect(shortName(smallHall(), 16)).toBe('Loge 1 1')
  })
})

it('French comes first', () => {
  expect(['fr-CA', 'en-US', 'de', null].map(languageOf)).toEqual(['fr', 'en', 'fr', 'fr'])
})
