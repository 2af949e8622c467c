import { expect, it } from 'vitest'
import { optionsOf, wordsOf } from './options'

it('reads what people write, and writes what it reads', () => {
  expect(optionsOf('  dpi=300  cut=false name=a=b ')).toEqual({ dpi: 300, cut: false, name: 'a=b' })
  expect(optionsOf('password=000000')).toEqual({ password: '000000' })
  expect(optionsOf('')).toEqual({})
  expect(wordsOf({ dpi: 300, cut: false })).toBe('dpi=300 cut=false')
})
