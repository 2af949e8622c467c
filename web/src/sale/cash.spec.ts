import { describe, expect, it } from 'vitest'
import { amountTyped, amountWritten, countedTotal, quickNotes, typeKey } from './cash'

const typed = (keys: string) => [...keys].reduce(typeKey, '')

describe('quick notes', () => {
  it.each([
    [1250, [1500, 2000, 5000, 10000]],
    [2350, [2500, 3000, 4000, 5000]],
    [4500, [5000, 6000, 10000]],
    [5000, [6000, 10000]],
    [12000, [15000, 20000]],
    [0, []],
  ])('for %i cents are %j', (due, notes) => expect(quickNotes(due)).toEqual(notes))
})

describe('the numpad', () => {
  it('reads euros, and cents after the comma', () => {
    expect(amountTyped(typed('20'))).toBe(2000)
    expect(amountTyped(typed('12,5'))).toBe(1250)
    expect(amountTyped(typed(',05'))).toBe(5)
    expect(amountTyped('')).toBeNull()
  })

  it('ignores what cannot follow', () => {
    expect(typed('0012')).toBe('12')
    expect(typed('1,2,34')).toBe('1,23')
    expect(typed('12345678')).toBe('123456')
  })

  it('takes the last key back', () => expect(typeKey('12,5', 'back')).toBe('12,'))
})

it.each([
  ['12,5', 1250], ['12.50', 1250], ['1 200', 120000], ['-3', -300], ['0', 0], ['-0', 0], ['', null], ['12,345', null], ['abc', null], ['1e5', null],
])('%j written in a field is %j cents', (text, cents) => expect(amountWritten(text)).toBe(cents))

it('counted cash is the sum of its pieces, to the cent (LAW-26)', () => {
  expect(countedTotal({ '5000': 1, '200': 10, '1': 3 })).toBe(7003)
})
