/** The draft of a till profile, as ticketing.catalog.v1.TillProfile in JSON, and what can be done to it. Pure. */

export interface KeyItem {
  show_id: string
  performance_id: string
  tariff_id: string
  product_id: string
  option: string
  quantity: number
}

export interface Key {
  id: string
  label: string
  sublabel: string
  colour: string
  items: KeyItem[]
}

export type Kind = 'PAGE_KIND_KEYS' | 'PAGE_KIND_PERFORMANCES' | 'PAGE_KIND_PRODUCTS' | 'PAGE_KIND_CALENDAR'

export interface Page {
  id: string
  label: string
  kind: Kind
  keys: Key[]
  venue_ids: string[]
  show_ids?: string[]
  colour?: string
  cashier_profiles?: string[]
  cashier_ids?: string[]
}

/** A message to whoever sells (B3); instants in UTC, absent: always. */
export interface Message {
  id: string
  text: string
  moment: 'MESSAGE_MOMENT_SIGN_IN' | 'MESSAGE_MOMENT_SALE'
  show_ids: string[]
  tariff_ids: string[]
  till_ids?: string[]
  every_sale?: boolean
  from?: string
  until?: string
}

export const QUESTION_KINDS = ['QUESTION_KIND_CHOICE', 'QUESTION_KIND_POSTCODE', 'QUESTION_KIND_NUMBER', 'QUESTION_KIND_TEXT'] as const

/** A question to customers (B4). */
export interface Question {
  id: string
  text: string
  kind: (typeof QUESTION_KINDS)[number]
  choices: string[]
  mandatory: boolean
  show_ids: string[]
}

/** A key of the keyboard, and the key of a page or the action that it does (C7). */
export interface KeyCode {
  code: string
  key_id: string
  action: string
}

/** Whatever else the profile holds goes back as it came. */
export interface Draft {
  pages: Page[]
  payment_modes: string[]
  messages?: Message[]
  questions?: Question[]
  key_codes?: KeyCode[]
  [other: string]: unknown
}

/** What a key or a page may name. */
export interface Choice {
  id: string
  name: string
}
export interface Choices {
  shows: Choice[]
  tariffs: Choice[]
  venues: Choice[]
  points: Choice[]
  tills: Choice[]
  profiles: Choice[]
  cashiers: Choice[]
  products: (Choice & { options: { code: string; name: string }[] })[]
  modes: { code: string; name: string }[]
}

export const KINDS: Kind[] = ['PAGE_KIND_KEYS', 'PAGE_KIND_PERFORMANCES', 'PAGE_KIND_CALENDAR', 'PAGE_KIND_PRODUCTS']
export const MOST_PAGES = 50
export const MOST_KEYS = 200
export const MOST_ITEMS = 20
export const MOST_MESSAGES = 50
export const MOST_QUESTIONS = 20
export const MOST_CODES = 200

/** Colours of keys: white on each is at least 4.5:1, so that each band stands out from its page. */
export const PALETTE = ['#1f4fd8', '#0f6674', '#0a7340', '#3f6212', '#8a4b00', '#b3211d', '#9d174d', '#7a1f3d', '#5b2a86', '#545c6e']

/** The same list with one thing at another place; the places in between move up or down. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = list.toSpliced(from, 1)
  return rest.toSpliced(Math.max(0, Math.min(to, rest.length)), 0, list[from]!)
}

export function withPage(draft: Draft, id: string, change: Partial<Page>): Draft {
  return { ...draft, pages: draft.pages.map((page) => (page.id === id ? { ...page, ...change } : page)) }
}

export function withKey(draft: Draft, pageId: string, keyId: string, change: Partial<Key>): Draft {
  const page = draft.pages.find((one) => one.id === pageId)
  if (!page) return draft
  return withPage(draft, pageId, { keys: page.keys.map((key) => (key.id === keyId ? { ...key, ...change } : key)) })
}

export function newPage(label: string): Page {
  return { id: crypto.randomUUID(), label, kind: 'PAGE_KIND_KEYS', keys: [], venue_ids: [] }
}

export function newMessage(text: string): Message {
  return { id: crypto.randomUUID(), text, moment: 'MESSAGE_MOMENT_SIGN_IN', show_ids: [], tariff_ids: [] }
}

export function newQuestion(text: string): Question {
  return { id: crypto.randomUUID(), text, kind: 'QUESTION_KIND_POSTCODE', choices: [], mandatory: false, show_ids: [] }
}

/** What a field of date and time holds, by the clock of this computer; empty for no instant. */
export function toLocal(instant: string | undefined): string {
  if (!instant) return ''
  const at = new Date(instant)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export const fromLocal = (text: string): string => new Date(text).toISOString()

export function newKey(label: string): Key {
  return { id: crypto.randomUUID(), label, sublabel: '', colour: PALETTE[0]!, items: [] }
}

/** A place of the first show at the first tariff, else the first article: something to change rather than nothing. */
export function newItem(choices: Choices): KeyItem {
  const nothing = { show_id: '', performance_id: '', tariff_id: '', product_id: '', option: '', quantity: 1 }
  const [show, tariff, product] = [choices.shows[0], choices.tariffs[0], choices.products[0]]
  if (show && tariff) return { ...nothing, show_id: show.id, tariff_id: tariff.id }
  return product ? withProduct(nothing, product) : nothing
}

export function withShow(item: KeyItem, showId: string, choices: Choices): KeyItem {
  return { ...item, show_id: showId, performance_id: '', product_id: '', option: '', tariff_id: item.tariff_id || (choices.tariffs[0]?.id ?? '') }
}

export function withProduct(item: KeyItem, product: Choices['products'][number]): KeyItem {
  return { ...item, show_id: '', performance_id: '', tariff_id: '', product_id: product.id, option: product.options[0]?.code ?? '' }
}
