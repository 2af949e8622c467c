import { describe, expect, it } from 'vitest'
import type { Question } from '../api/till'
import { ABROAD, fits, open, toSend } from './survey'

const question = (id: string, kind: Question['kind'] = 'text', choices: string[] = []): Question => ({ id, text: id, kind, choices, mandatory: false })

describe('questions to customers (B4)', () => {
  it('asks once at a sale what the till says is about its basket', () => {
    const all = [question('a'), question('b'), question('c')]
    expect(open(all, ['a', 'c'], {}).map((one) => one.id)).toEqual(['a', 'c'])
    expect(open(all, ['a', 'c'], { a: null }).map((one) => one.id)).toEqual(['c'])
  })

  it('takes a postcode of anywhere, and one word for abroad', () => {
    for (const said of ['75011', 'SW1A 1AA', ' 59000 ', ABROAD]) expect(fits(question('q', 'postcode'), said)).toBe(true)
    for (const said of ['', '7', 'rue du Bac, 75007']) expect(fits(question('q', 'postcode'), said)).toBe(false)
  })

  it('takes a choice of the list, a whole number, and some text', () => {
    expect(fits(question('q', 'choice', ['Ami']), 'Ami')).toBe(true)
    expect(fits(question('q', 'choice', ['Ami']), 'Presse')).toBe(false)
    expect(fits(question('q', 'number'), '12')).toBe(true)
    expect(fits(question('q', 'number'), '1,5')).toBe(false)
    expect(fits(question('q'), 'Par le journal')).toBe(true)
    expect(fits(question('q'), ' ')).toBe(false)
  })

  it('sends what was said and what was not', () => {
    expect(toSend({ a: 'x', b: null })).toEqual([{ question_id: 'a', answer: 'x' }, { question_id: 'b', answer: null }])
  })
})
