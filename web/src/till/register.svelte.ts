/** The register: what the till says of itself, the basket, and where its payment stands. One per page. */
import { till } from '../api/client'
import { effectUnknown, Problem } from '../api/problem'
import type { CalendarShow, CardPayment, CardRequest, Layout, Performance, PricedBasket, Question, SaleRequest, SealedSale, SellerMessage, Tariff, TillState } from '../api/till'
import { money, settle, settleCurrency, t } from '../i18n/i18n.svelte'
import { add, type Basket, itemsOf, type Offer, reprice, reservedOf, seatsOf, setQuantity, total } from '../sale/basket'
import { amountTyped, typeKey } from '../sale/cash'
import { allOffers } from '../sale/offers'
import { due as messagesDue } from '../sale/messages'
import { type Answers, open, toSend } from '../sale/survey'
import { stuck } from '../sale/printing'
import { type Proof, proofsOf, tariffsOf } from '../sale/proofs'
import { allot, editable, inHand, type Payment, take, type Taken } from '../sale/payment'
import { override } from './override.svelte'
import { present } from './presenting'

const KEPT_BASKET = 'tk.basket.' // followed by whose it is
const KEPT_REQUEST = 'tk.request.'
const KEPT_TAKEN = 'tk.taken.'
const KEPT_CARD = 'tk.card.'
const KEPT_SALE_ID = 'tk.saleid.'
const POLL_MS = 1000
const POLL_HIDDEN_MS = 2000
const RETRY_MS = 1000
const LOST_AFTER = 3 // polls without answer before we say so

export type Side =
  | 'sales' | 'jobs' | 'check' | 'close' | 'float' | 'menu'
  | 'certificate'
  | 'reserved'
  | 'day'
  | 'drawer'
  | 'training'
  | 'refund'
  | 'status'
  | 'scanner'
  | 'devices'
  | 'payments'

function kept<T>(key: string): T | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') as T | null
  } catch {
    return null
  }
}

function keep(key: string, value: unknown): void {
  if (value === null) localStorage.removeItem(key)
  else localStorage.setItem(key, JSON.stringify(value))
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A refusal or a silence, in words for the cashier. */
export function inWords(error: unknown): string {
  if (error instanceof Problem) return error.message
  return t('app.noAnswer')
}

/** Reserved files among these lines are another till's to take again, and chosen seats the house's; nobody waits for that. */
function leave(lines: Basket): void {
  for (const line of lines) {
    const id = reservedOf(line)
    if (id) till.leaveReserved(id).catch(() => {}) // unheard, the claim runs out at the centre
    const chosen = seatsOf(line)
    if (chosen) till.letSeatsGo(chosen.performance, chosen.seats).catch(() => {}) // unheard, the till lets them go by itself
  }
}

class Register {
  state = $state.raw<TillState | null>(null)
  layout = $state.raw<Layout | null>(null)
  lost = $state(false)
  basket = $state.raw<Basket>([])
  payment = $state.raw<Payment>({ state: 'none' })
  taken = $state.raw<readonly Taken[]>([]) // money that is here already; it leaves by a sale, or by `giveBack`
  givingBack = $state<number | null>(null) // the part that somebody wants to take off
  pricing = $state.raw<PricedBasket | null>(null)
  problem = $state('')
  notice = $state('')
  unlinked = $state(false) // the terminal did not even begin: a card may be taken on it by hand
  side = $state<Side | null>(null)
  page = $state('') // wanted, by its id
  inSight = $state.raw<{ show: CalendarShow; performance: Performance } | null>(null) // the date chosen in a calendar
  printLater = $state(false) // somebody knows that this sale's papers do not come out now (C1)
  asking = $state<string | null>(null) // the mode of payment that waits for the customer's answers (B4)

  private answers = $state.raw<Answers>({}) // of the customer at hand
  private read = $state.raw<ReadonlySet<string>>(new Set()) // messages acknowledged here, before the till tells them back
  private readAtThisSale = $state.raw<ReadonlySet<string>>(new Set())

  private seen = $state.raw<ReadonlySet<string>>(new Set()) // proofs of this basket
  private dated = $state.raw<ReadonlyMap<string, Tariff>>(new Map()) // tariffs of dates chosen in calendars, which no page lists
  private tariffs = $derived(new Map([...(this.layout ? tariffsOf(this.layout) : []), ...this.dated]))
  proofs: Proof[] = $derived(proofsOf(this.basket, this.tariffs))
  proofsUnseen: Proof[] = $derived(this.proofs.filter((proof) => !this.seen.has(proof.id)))

  private owner = '' // whose basket and sale these are; empty: nobody is signed in
  private silent = 0
  private layoutVersion = ''
  private again = false
  private wake: () => void = () => {}
  private pricingRun = 0

  get total(): number {
    return total(this.basket)
  }

  /** What the money already taken does for this basket. */
  get allotment() {
    return allot(this.taken, this.total)
  }

  /** What is still due, parts already taken left out. */
  get due(): number {
    return this.allotment.due
  }

  /** The amount in the payment panel: typed, or the exact sum. */
  get tendered(): number {
    return this.payment.state === 'entering' ? (amountTyped(this.payment.typed) ?? this.due) : 0
  }

  /** Printers that keep this sale's papers from coming out now. */
  get printersStuck() {
    return this.payment.state === 'entering' ? stuck(this.state?.printers ?? [], this.basket, this.payment.receipt) : []
  }

  /** Whether the money must wait until somebody has chosen what becomes of the papers. */
  get waitsForPrinter(): boolean {
    return this.printersStuck.length > 0 && !this.printLater
  }

  /** Messages that the seller has to read now (B3), in order. */
  get messages(): SellerMessage[] {
    if (!this.state?.cashier || !this.layout) return []
    const read = new Set([...this.state.messages_read, ...this.read])
    return messagesDue(this.layout.messages, { now: this.state.now, ofBasket: this.pricing?.messages ?? [], read, readAtThisSale: this.readAtThisSale })
  }

  /** Questions that are still to be asked at this sale (B4). */
  get questions(): Question[] {
    return open(this.layout?.questions ?? [], this.pricing?.questions ?? [], this.answers)
  }

  /** Between two sales: what the till shows and takes may change. */
  private get idle(): boolean {
    return this.owner !== '' && !this.basket.length && !this.taken.length && !this.side && editable(this.payment)
  }

  async run(): Promise<never> {
    for (;;) {
      this.again = false
      await this.poll()
      if (!this.again) await Promise.race([pause(document.hidden ? POLL_HIDDEN_MS : POLL_MS), new Promise<void>((wake) => (this.wake = wake))])
    }
  }

  /** Ask the till at once instead of at the next tick. */
  refresh(): void {
    this.again = true
    this.wake()
  }

  private async poll(): Promise<void> {
    try {
      const state = await till.state()
      this.silent = 0
      this.lost = false
      settle(state.venue_zone, state.language)
      this.state = state
      this.belongTo(state.cashier ? `${state.training ? 'training.' : ''}${state.cashier.id}` : '')
      if (state.setup_waits && this.idle) {
        await till.applySetup()
        this.again = true // with its layout
      }
      const wanted = `${state.layout_version}|${state.cashier?.id ?? ''}`
      if (state.till && wanted !== this.layoutVersion) await this.load(wanted)
    } catch {
      this.silent += 1
      this.lost = this.silent >= LOST_AFTER
    }
  }

  /** Show what this person left here (M3): their basket, and a sale that nobody answered, which is sent again. */
  private belongTo(owner: string): void {
    if (owner === this.owner) return
    this.owner = owner
    override.close() // a manager's word was for whoever asked
    this.side = null
    this.problem = this.notice = ''
    this.payment = { state: 'none' }
    this.pricing = null
    this.read = new Set()
    this.nextCustomer()
    this.basket = (owner && kept<Basket>(KEPT_BASKET + owner)) || []
    this.taken = (owner && kept<Taken[]>(KEPT_TAKEN + owner)) || []
    this.givingBack = null
    this.seen = new Set()
    const request = owner && kept<SaleRequest>(KEPT_REQUEST + owner)
    const asked = owner && kept<CardRequest>(KEPT_CARD + owner)
    if (request) void this.seal(request, 2)
    else if (asked) void this.follow(asked)
    else void this.price()
  }

  private async load(version: string): Promise<void> {
    try {
      this.show(await till.layout())
      this.layoutVersion = version
    } catch (error) {
      if (effectUnknown(error)) throw error // else: not readable before sign-in; asked again when someone signs in
      this.layoutVersion = version
    }
  }

  private show(layout: Layout): void {
    this.layout = layout
    settleCurrency(layout.currency)
    for (const [name, value] of Object.entries(layout.theme)) {
      if (name.startsWith('--tk-')) document.documentElement.style.setProperty(name, value)
    }
    const { basket, changed } = reprice(this.basket, allOffers(layout))
    if (changed.length && editable(this.payment)) {
      this.change(basket)
      this.notice = t('sell.priceChanged', { lines: changed.join(', ') })
    }
  }

  private change(basket: Basket): void {
    this.basket = basket
    keep(KEPT_BASKET + this.owner, basket.length ? basket : null)
    this.pricing = null
    if (!basket.length) this.nextCustomer()
    if (!basket.length) this.seen = new Set()
    if (this.payment.state === 'sealed') this.payment = { state: 'none' }
    if (this.payment.state === 'entering') this.payment = basket.length ? { ...this.payment, typed: '' } : { state: 'none' }
    requestAnimationFrame(() => setTimeout(() => void this.price())) // the touch is painted first
  }

  private keepTaken(taken: readonly Taken[]): void {
    this.taken = taken
    keep(KEPT_TAKEN + this.owner, taken.length ? taken : null)
  }

  /** Ask for the VAT, aside: the sale never waits for it. */
  private async price(): Promise<void> {
    const run = ++this.pricingRun
    if (!this.basket.length) return
    try {
      const pricing = await till.price(itemsOf(this.basket))
      if (run === this.pricingRun && pricing.total === this.total) this.pricing = pricing
    } catch {
      // the total stands without its VAT line; the sale itself will say what is wrong
    }
  }

  /** Show the date that is chosen in a calendar; null: none. */
  look(at: { show: CalendarShow; performance: Performance } | null): void {
    this.inSight = at
    if (at) this.dated = new Map([...this.dated, ...at.performance.tariffs.map((tariff) => [tariff.id, tariff] as const)])
  }

  add(offer: Offer): void {
    if (!editable(this.payment)) return
    this.problem = ''
    this.change(add(this.payment.state === 'sealed' ? [] : this.basket, offer))
  }

  setQuantity(id: string, quantity: number): void {
    if (!editable(this.payment)) return
    if (quantity === 0) leave(this.basket.filter((line) => line.id === id))
    this.change(setQuantity(this.basket, id, quantity))
  }

  clear(): void {
    if (editable(this.payment)) {
      leave(this.basket)
      this.change([])
    }
    this.problem = this.notice = ''
  }

  /** Pay by this mode, once the customer was asked what there is to ask. */
  choose(mode: string): void {
    if (!this.basket.length || !editable(this.payment)) return
    if (this.layout?.questions.length && !this.pricing) void this.price().then(() => this.ask(mode))
    else this.ask(mode)
  }

  private ask(mode: string): void {
    if (this.questions.length) this.asking = mode
    else this.enter(mode)
  }

  /** What the customer said to a question, or null; after the last one the payment goes on. */
  answer(question: Question, said: string | null): void {
    this.answers = { ...this.answers, [question.id]: said }
    if (this.questions.length || this.asking === null) return
    const mode = this.asking
    this.asking = null
    this.enter(mode)
  }

  private nextCustomer(): void {
    this.answers = {}
    this.asking = null
    this.printLater = false
    this.readAtThisSale = new Set()
  }

  /** The seller has read it. Throws what the till says against it. */
  async acknowledge(message: SellerMessage): Promise<void> {
    try {
      await till.acknowledge(message.id)
    } catch (error) {
      if (!(error instanceof Problem) || error.reason !== 'MESSAGE_NOT_FOUND') throw error
      this.layoutVersion = '' // it was taken away meanwhile
    }
    this.read = new Set([...this.read, message.id])
    this.readAtThisSale = new Set([...this.readAtThisSale, message.id])
    this.refresh()
  }

  private enter(mode: string): void {
    if (!this.basket.length || !editable(this.payment)) return
    this.problem = ''
    this.unlinked = false
    const receipt = this.payment.state === 'entering' && this.payment.receipt
    this.payment = { state: 'entering', mode, typed: '', receipt }
  }

  seeProofs(): void {
    this.seen = new Set([...this.seen, ...this.proofs.map((proof) => proof.id)])
  }

  type(key: string): void {
    if (this.payment.state === 'entering') this.payment = { ...this.payment, typed: typeKey(this.payment.typed, key) }
  }

  tender(amount: number | null): void {
    if (this.payment.state === 'entering') this.payment = { ...this.payment, typed: amount === null ? '' : asTyped(amount) }
  }

  choosePrintLater(): void {
    this.printLater = true
  }

  wantReceipt(receipt: boolean): void {
    if (this.payment.state === 'entering') this.payment = { ...this.payment, receipt }
  }

  /** A part went back to the customer: whoever calls this has made sure that it did. */
  async giveBack(index: number): Promise<void> {
    if (!editable(this.payment)) return
    const attempt = this.taken[index]?.attempt_id
    try {
      if (attempt) await till.reverseByHand(attempt, requestId())
    } catch (error) {
      this.problem = inWords(error)
      this.givingBack = null
      return
    }
    this.keepTaken(this.taken.filter((_, at) => at !== index))
    if (this.payment.state === 'entering') this.payment = { ...this.payment, typed: '' }
    this.givingBack = null
  }

  /** To the basket again; what is taken stays taken. */
  back(): void {
    if (this.payment.state === 'entering' || this.payment.state === 'sealed') this.payment = { state: 'none' }
    this.problem = ''
  }

  /** Take what is handed over; when it covers the sum, seal the sale. A card is asked for at the terminal, unless `byHand`. */
  confirm(byHand = false): void {
    if (this.payment.state !== 'entering' || !this.layout || this.waitsForPrinter) return
    const { receipt, mode } = this.payment
    const { parts, due, over } = this.allotment
    if (over) return
    if (due === 0 || this.tendered > 0) this.seeProofs() // the button said so
    const taking = take(due, mode, this.tendered)
    if (mode === 'card' && this.state?.terminal && !byHand && (taking.kind === 'partial' || taking.kind === 'complete') && taking.part.amount) {
      void this.follow({ attempt_id: requestId(), sale_id: this.saleId(), amount: taking.part.amount, basket: { lines: this.basket, taken: this.taken } })
      return
    }
    switch (taking.kind) {
      case 'nothing':
      case 'too_much':
        return
      case 'partial':
        this.keepTaken([...this.taken, { mode, tendered: taking.part.tendered }])
        this.payment = { ...this.payment, typed: '' }
        return
      case 'complete':
        void this.seal({
          request_id: requestId(),
          items: itemsOf(this.basket),
          payments: parts.length && !taking.part.amount ? parts : [...parts, taking.part],
          receipt,
          expected_total: this.total,
          catalog_version: this.layout.catalog_version,
          ...(this.keptSaleId ? { sale_id: this.keptSaleId } : {}),
          ...(this.layout.questions.length ? { answers: toSend(this.answers) } : {}),
        })
        return
      default:
        taking satisfies never
    }
  }

  private get keptSaleId(): string | null {
    return kept<string>(KEPT_SALE_ID + this.owner)
  }

  /** Of the basket at hand, where the terminal is asked for it. */
  private saleId(): string {
    const id = this.keptSaleId ?? requestId()
    keep(KEPT_SALE_ID + this.owner, id)
    return id
  }

  /** Other sales than the one at hand whose card's money somebody has to see to. */
  get salesToSettle(): string[] {
    return (this.state?.sales_to_settle ?? []).filter((id) => id !== this.keptSaleId)
  }

  /** Ask the terminal, and wait for the customer's card; a reload takes it up again. */
  private async follow(asked: CardRequest): Promise<void> {
    const owner = this.owner
    const receipt = this.payment.state === 'entering' && this.payment.receipt
    keep(KEPT_CARD + owner, asked)
    this.problem = ''
    this.payment = { state: 'presenting', asked, payment: null, receipt }
    const atIt = () => this.owner === owner && this.payment.state === 'presenting' && this.payment.asked.attempt_id === asked.attempt_id
    try {
      const ended = await present(asked, (payment) => (this.payment = { state: 'presenting', asked, payment, receipt }), atIt)
      if (ended) this.presented(asked, ended, receipt)
    } catch (error) {
      if (atIt()) this.endPresenting(asked, receipt, inWords(error))
    }
  }

  private endPresenting(asked: CardRequest, receipt: boolean, problem: string): void {
    keep(KEPT_CARD + this.owner, null)
    this.payment = asked.reverses || !this.basket.length ? { state: 'none' } : { state: 'entering', mode: 'card', typed: '', receipt }
    this.problem = problem
    this.refresh()
  }

  private presented(asked: CardRequest, ended: CardPayment, receipt: boolean): void {
    if (asked.reverses) {
      if (ended.moved) this.keepTaken(this.taken.filter((part) => part.attempt_id !== asked.reverses))
      this.endPresenting(asked, receipt, ended.moved ? '' : t('card.notBack', { why: ended.why }))
      return
    }
    const others = this.taken.filter((part) => part.attempt_id !== ended.id) // a reload may have come in between
    if (ended.moved) this.keepTaken([...others, { mode: 'card', tendered: ended.moved, attempt_id: ended.id }])
    this.endPresenting(asked, receipt, ended.moved === ended.amount ? '' : ended.moved ? t('card.partial', { amount: money(ended.moved) }) : ended.why)
    this.unlinked = ended.state === 'not_started'
    if (ended.moved && this.allotment.due === 0) this.confirm()
  }

  /** The customer gives up before the card has spoken. */
  abortCard(): void {
    if (this.payment.state === 'presenting') till.abortCard(this.payment.asked.attempt_id).catch(() => {}) // unheard, the card decides
  }

  /** A person has read the terminal's ticket. Throws what the till says against it. */
  async settleCard(payment: CardPayment, paid: boolean): Promise<void> {
    await override.attempt(t(paid ? 'card.paid' : 'card.notPaid'), (authorisation) => till.settleCard(payment.id, paid, authorisation))
    this.refresh()
  }

  /** The terminal does not say what it did: serve the next customer; the till keeps this sale until somebody knows. */
  park(): void {
    if (this.payment.state !== 'presenting' || this.payment.payment?.state !== 'unknown') return
    keep(KEPT_CARD + this.owner, null)
    this.payment = { state: 'none' }
    this.emptyHands()
  }

  /** Take a parked sale up again. */
  takeUp(payment: CardPayment): void {
    if (this.basket.length || this.taken.length || !editable(this.payment)) return
    const { lines, taken } = payment.basket as { lines: Basket; taken: Taken[] }
    this.payment = { state: 'none' }
    this.side = null
    keep(KEPT_SALE_ID + this.owner, payment.sale_id)
    this.change(lines)
    this.keepTaken(payment.moved ? [...taken, { mode: 'card', tendered: payment.moved, attempt_id: payment.id }] : taken)
    if (payment.moved) this.enter('card')
    else void this.follow({ attempt_id: payment.id, sale_id: payment.sale_id, amount: payment.amount, basket: payment.basket })
  }

  /** Give a card's money back where it was taken. */
  reverseCard(part: Taken): void {
    if (!editable(this.payment) || !part.attempt_id) return
    this.givingBack = null
    void this.follow({ attempt_id: requestId(), sale_id: this.saleId(), amount: part.tendered, basket: null, reverses: part.attempt_id })
  }

  /**
   * Send the sale until someone answers, always with the same id: it is sold once, whatever gets lost on the way.
   * From the second attempt on, "sign in first" settles nothing: the first may have been recorded. Whoever else signs in
   * meanwhile sells their own; this sale waits for its owner, so that it is on the right float (E6).
   */
  private async seal(request: SaleRequest, firstAttempt = 1): Promise<void> {
    const owner = this.owner
    keep(KEPT_REQUEST + owner, request) // before it is sent: a reload takes it up again
    this.problem = ''
    for (let attempts = firstAttempt; ; attempts += 1) {
      this.payment = { state: 'sealing', request, attempts }
      try {
        const sale = await till.sell(request)
        if (this.owner === owner) this.sealed(sale, request)
        return
      } catch (error) {
        if (this.owner !== owner) return
        const settled = !effectUnknown(error) && !(attempts > 1 && error instanceof Problem && error.status === 401)
        if (settled) {
          this.refused(error, request)
          return
        }
        await pause(RETRY_MS)
        if (this.owner !== owner) return
      }
    }
  }

  private sealed(sale: SealedSale, request: SaleRequest): void {
    keep(KEPT_REQUEST + this.owner, null)
    this.emptyHands()
    this.payment = { state: 'sealed', sale, payments: request.payments }
  }

  /** Nothing of the sale at hand is left on the screen. */
  private emptyHands(): void {
    keep(KEPT_BASKET + this.owner, null)
    keep(KEPT_SALE_ID + this.owner, null)
    this.basket = []
    this.seen = new Set()
    this.keepTaken([])
    this.pricing = null
    this.nextCustomer()
    this.notice = ''
    this.refresh()
  }

  /** Nothing is sold, and the money is here all the same: a card was charged, notes lie on the counter. */
  private refused(error: unknown, request: SaleRequest): void {
    keep(KEPT_REQUEST + this.owner, null)
    const newest = request.payments[this.taken.length]
    const isElsewhere = newest !== undefined && newest.amount > 0 && !inHand(newest.mode)
    if (isElsewhere) this.keepTaken([...this.taken, { mode: newest.mode, tendered: newest.tendered }])
    const mode = request.payments.at(-1)?.mode
    const typed = newest && !isElsewhere && newest.tendered > newest.amount ? asTyped(newest.tendered) : ''
    this.payment = mode ? { state: 'entering', mode, typed, receipt: request.receipt } : { state: 'none' }
    this.problem = inWords(error)
    this.layoutVersion = '' // prices or places may have moved: read them again
    this.refresh()
  }

  /** Leave the till to whoever comes next (M3); the basket waits for its owner. */
  async lock(): Promise<void> {
    await till.signOut()
    this.side = null
    this.back()
    this.refresh()
  }
}

/** An amount as hands would type it: 1250 is "12,50". */
const asTyped = (amount: number): string => `${Math.trunc(amount / 100)}${amount % 100 ? `,${String(amount % 100).padStart(2, '0')}` : ''}`

/** The id of a request: every retry bears the same one. */
export const requestId = (): string => crypto.randomUUID?.() ?? uuidByHand()

/** A version 4 UUID where crypto.randomUUID is missing: a till read over plain HTTP from another machine. */
function uuidByHand(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

export const register = new Register()
