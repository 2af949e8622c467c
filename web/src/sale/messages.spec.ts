import { describe, expect, it } from 'vitest'
import type { SellerMessage } from '../api/till'
import { due, type Moment } from './messages'

const message = (id: string, other: Partial<SellerMessage> = {}): SellerMessage => ({ id, text: id, moment: 'sign_in', every_sale: false, from: null, until: null, ...other })
const none: Moment = { now: '2026-12-01T10:00:00Z', ofBasket: [], read: new Set(), readAtThisSale: new Set() }
const ids = (messages: SellerMessage[], moment: Partial<Moment> = {}) => due(messages, { ...none, ...moment }).map((one) => one.id)

describe('messages to sellers (B3)', () => {
  it('shows at sign-in what was not read in this working period', () => {
    expect(ids([message('a'), message('b')], { read: new Set(['a']) })).toEqual(['b'])
  })

  it('shows from its instant on, and until its end', () => {
    const dated = [message('early', { until: '2026-12-01T10:00:00Z' }), message('now', { from: '2026-12-01T10:00:00Z' }), message('late', { from: '2026-12-01T10:00:01Z' })]
    expect(ids(dated)).toEqual(['now'])
  })

  it('shows with the basket what the till says is about it', () => {
    const sale = [message('play', { moment: 'sale' }), message('tour', { moment: 'sale' })]
    expect(ids(sale, { ofBasket: ['play'] })).toEqual(['play'])
    expect(ids(sale, { ofBasket: ['play'], read: new Set(['play']) })).toEqual([])
  })

  it('repeats at the next sale what is said at every sale, and not at this one', () => {
    const every = [message('id', { moment: 'sale', every_sale: true })]
    expect(ids(every, { ofBasket: ['id'], read: new Set(['id']) })).toEqual(['id'])
    expect(ids(every, { ofBasket: ['id'], readAtThisSale: new Set(['id']) })).toEqual([])
  })
})
