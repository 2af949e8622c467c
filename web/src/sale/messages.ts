/** Which messages to sellers are to be read now (B3). */
import type { SellerMessage } from '../api/till'

export interface Moment {
  now: string
  ofBasket: readonly string[] // those that the till names for the basket at hand
  read: ReadonlySet<string> // in this working period
  readAtThisSale: ReadonlySet<string>
}

/** In the manager's order; those of the basket only while it has what they are about. */
export function due(messages: readonly SellerMessage[], { now, ofBasket, read, readAtThisSale }: Moment): SellerMessage[] {
  const at = Date.parse(now)
  return messages.filter((message) => {
    if (message.moment === 'sale') return ofBasket.includes(message.id) && !readAtThisSale.has(message.id) && (message.every_sale || !read.has(message.id))
    return !read.has(message.id) && (message.from === null || Date.parse(message.from) <= at) && (message.until === null || at < Date.parse(message.until))
  })
}
