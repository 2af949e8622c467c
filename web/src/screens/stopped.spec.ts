/// <reference types="vite/client" />
import { beforeAll, expect, it, vi } from 'vitest'
import source from '../../../services/device-gateway/src/device_gateway/sync.py?raw'

let stopWords: typeof import('./stopped').stopWords

beforeAll(async () => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => {} })
  vi.stubGlobal('document', { documentElement: { lang: '' } })
  stopWords = (await import('./stopped')).stopWords
})

/** Every reason for which the till's sync freezes it. */
function reasons(): string[] {
  const lists = [...source.matchAll(/^_(?:NOT_THE_TILL|STUBBORN) = \{([^}]*)\}/gm)].map((found) => found[1]!)
  const frozen = [...source.matchAll(/meta\.freeze\(tx, "\w+", "(\w+)"\)/g)].map((found) => found[1]!)
  return [...new Set([...lists.flatMap((list) => [...list.matchAll(/"(\w+)"/g)].map((found) => found[1]!)), ...frozen])]
}

it('has words of its own for every reason for which a till freezes', () => {
  const known = reasons()
  expect(known.length).toBeGreaterThan(6)
  const unknown = stopWords('SOMETHING_NEW').title
  expect(known.filter((reason) => reason !== 'TILL_FROZEN' && stopWords(reason).title === unknown)).toEqual([])
})

it('always says what becomes of the money, and what to do now', () => {
  for (const reason of [...reasons(), 'STORAGE_FULL', 'SOMETHING_NEW']) {
    const { steps } = stopWords(reason)
    expect(steps.length).toBeGreaterThan(1)
    expect(steps[0]).toContain('N’encaissez plus rien')
  }
})
