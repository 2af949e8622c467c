import { describe, expect, it } from 'vitest'
import { effectUnknown, failure, NoAnswer, Problem } from './problem'

describe('a failed answer', () => {
  it('is a problem in words when the till says why', async () => {
    const body = { reason: 'PIN_WRONG', title: 'Code faux', detail: 'Il reste 3 essais.', facts: { attempts_left: '3' } }
    const found = await failure(Response.json(body, { status: 401 }))
    expect(found).toBeInstanceOf(Problem)
    expect(found).toMatchObject({ reason: 'PIN_WRONG', message: 'Il reste 3 essais.', facts: { attempts_left: '3' } })
  })

  it('is no answer when a gateway speaks in its place: the effect is unknown', async () => {
    expect(await failure(new Response('<h1>Bad Gateway</h1>', { status: 502 }))).toBeInstanceOf(NoAnswer)
  })

  it('leaves the effect unknown from 500 on, and known when it is a refusal', async () => {
    expect(effectUnknown(await failure(Response.json({ reason: 'UNEXPECTED' }, { status: 500 })))).toBe(true)
    expect(effectUnknown(await failure(Response.json({ reason: 'PRICE_CHANGED' }, { status: 409 })))).toBe(false)
    expect(effectUnknown(new NoAnswer('timeout'))).toBe(true)
  })
})
