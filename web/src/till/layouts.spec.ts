import { expect, it } from 'vitest'
import { judge, translate } from './layouts'

const KNOWN = 'TK-0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz'
const US = '1234567890-qwertyuiopasdfghjkl;zxcvbnm,QWERTYUIOPASDFGHJKL:ZXCVBNM<'
const FR = '&é"\'(-è_çà)azertyuiopqsdfghjklmwxcvbn,;AZERTYUIOPQSDFGHJKLMWXCVBN?.'
const FR_SHIFTED = '1234567890'

/** What a machine makes of the keys that a reader presses for a text. */
const typedBy = (reader: string, machine: string) => (text: string) => [...text].map((char) => machine[reader.indexOf(char)] ?? char).join('')

it('finds nothing wrong where reader and machine agree', () => expect(judge(KNOWN, KNOWN)).toEqual({ state: 'right' }))

it('learns a QWERTY reader on an AZERTY machine from one code, and reads others right from then on (C8)', () => {
  const azerty = typedBy(US, FR)
  const verdict = judge(KNOWN, azerty(KNOWN))
  expect(verdict).toMatchObject({ state: 'translated', mismatch: 'qwertyReader' })
  if (verdict.state !== 'translated') throw new Error('unreachable')
  expect(azerty('K007-QAZW')).not.toBe('K007-QAZW')
  expect(translate(azerty('K007-QAZW'), verdict.map)).toBe('K007-QAZW')
})

it('learns an AZERTY reader on a QWERTY machine', () => {
  const shifted = typedBy(FR + FR_SHIFTED, US + '!@#$%^&*()')
  const verdict = judge(KNOWN, shifted(KNOWN))
  expect(verdict).toMatchObject({ state: 'translated', mismatch: 'azertyReader' })
  if (verdict.state !== 'translated') throw new Error('unreachable')
  expect(translate(shifted('T01-000042'), verdict.map)).toBe('T01-000042')
})

it('knows the capitals key', () => {
  const swapped = [...KNOWN].map((char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase())).join('')
  expect(judge(KNOWN, swapped)).toMatchObject({ state: 'translated', mismatch: 'capitals' })
})

it('translates nothing where characters are lost or cannot be told apart', () => {
  expect(judge(KNOWN, KNOWN.slice(1))).toMatchObject({ state: 'garbled' })
  expect(judge(KNOWN, KNOWN.toUpperCase())).toMatchObject({ state: 'garbled' })
})
