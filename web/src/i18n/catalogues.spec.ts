import { expect, it } from 'vitest'
import en from './en.json'
import fr from './fr.json'

const holes = (sentence: string) => [...sentence.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

it('both languages say the same things, with the same facts', () => {
  expect(Object.keys(en)).toEqual(Object.keys(fr))
  for (const [key, sentence] of Object.entries(fr)) expect([key, holes(en[key as keyof typeof en])]).toEqual([key, holes(sentence)])
})
