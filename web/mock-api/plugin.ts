/**
 * The till's API for development and browser tests, held in memory, typed by src/api/till.ts.
 * Its faults are asked for by `POST /mock/set {"online": false, "loseAnswers": 2, …}`; `POST /mock/reset` begins again.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Plugin } from 'vite'
import type { Declared, FloatElsewhere } from '../src/api/floats'
import type { Item, Job, Layout, PastSale, SaleRequest, SealedSale, TillState } from '../src/api/till'
import { layout } from './data'

class Refusal extends Error {
  constructor(readonly status: number, readonly reason: string, message: string, readonly facts: Record<string, string> = {}) {
    super(message)
  }
}

interface World {
  enrolled: boolean
  cashier: TillState['cashier']
  cash: TillState['cash_float']
  online: boolean
  frozen: string | null
  disk_full: boolean
  clock: TillState['clock']
  waiting: number
  printers: TillState['printers']
  jobs: Job[]
  sales: PastSale[]
  answers: Record<string, SealedSale>
  loseAnswers: number // so many answers to sales are lost, the sale being recorded
  failedPins: number
  drawer: number
  elsewhere: FloatElsewhere[]
  counted: Declared | null
  read: string[]
  layout: Layout
}

const fresh = (): World => ({
  enrolled: true, cashier: null, cash: null, online: true, frozen: null, disk_full: false, clock: { ahead_of: null, centre_at: null, offset_ms: 0 }, waiting: 0, jobs: [], sales: [], answers: {},
  printers: [{ role: 'ticket', state: 'ready', causes: [] }, { role: 'receipt', state: 'ready', causes: [] }],
  loseAnswers: 0, failedPins: 0, drawer: 0, elsewhere: [], counted: null, read: [], layout: layout(new Date()),
})

let world = fresh()
const since = new Date().toISOString()
const CASHIERS = [{ id: 'c1', name: 'Claire Moreau' }, { id: 'c2', name: 'Yanis Benali' }, { id: 'c3', name: 'Aïcha Diallo' }]
const worth = (counts: Record<string, number>) => Object.entries(counts).reduce((sum, [piece, n]) => sum + Number(piece) * n, 0)

function priceOf(item: Item): { label: string; price: number; rate: number } {
  for (const page of world.layout.pages) {
    if (page.kind === 'performances' && item.kind === 'admission') {
      const found = page.shows.flatMap((show) => show.performances).find((one) => one.id === item.performance_id)?.tariffs.find((one) => one.id === item.tariff_id)
      if (found) return { label: found.label, price: found.price, rate: found.vat_rate_bp }
    }
    if (page.kind === 'products' && item.kind === 'product') {
      const found = page.families.flatMap((family) => family.products).find((one) => one.id === item.product_id)
      if (found) return { label: found.label, price: found.options.find((one) => one.code === item.option)?.price ?? found.price, rate: 2000 }
    }
    if (page.kind === 'keys' && item.kind === 'product') {
      const found = page.keys.find((key) => key.items.length === 1 && key.id === item.product_id)
      if (found) return { label: found.label, price: found.price!, rate: 2000 }
    }
  }
  throw new Refusal(409, 'PRODUCT_UNKNOWN', 'Cet article n’est plus en vente.')
}

function state(): TillState {
  return {
    csrf: 'mock', till: world.enrolled ? { id: 't1', number: 'T01', name: 'Accueil', point_of_sale: 'Billetterie' } : null,
    language: 'fr', online: world.online, line_since: since, line_problem: null, waiting_entries: world.waiting, frozen: world.frozen, disk_full: world.disk_full,
    places_in_lease: 240, catalog_version: 7, layout_version: '7.1', business_on: since.slice(0, 10), now: new Date().toISOString(), venue_zone: 'Europe/Paris', clock: world.clock,
    cashier: world.cashier, cash_float: world.cash, setup_waits: false, lock_after_minutes: 0, training: false, leaving: null, messages_read: world.read,
    open_floats: world.cash && world.cashier ? [{ cashier_id: world.cashier.id, name: world.cashier.name, opened_at: world.cash.opened_at }] : [],
    printers: world.printers, devices: [],
    terminal: null,
    sales_to_settle: [],
    jobs_in_doubt: world.jobs.filter((job) => job.state === 'in_doubt').length, jobs_failed: world.jobs.filter((job) => job.state === 'failed').length, version: '0.1.0',
  }
}

function sell(request: SaleRequest): SealedSale {
  const sale = (world.answers[request.request_id] ??= record(request))
  if (world.loseAnswers > 0) {
    world.loseAnswers -= 1
    throw new Error('answer lost')
  }
  return sale
}

function record(request: SaleRequest): SealedSale {
  if (!world.cash) throw new Refusal(409, 'FLOAT_NOT_OPEN', 'Le fonds de caisse n’est pas ouvert.')
  const paid = request.payments.reduce((sum, part) => sum + part.amount, 0)
  if (paid !== request.expected_total) throw new Refusal(400, 'PAYMENT_MISMATCH', 'Les paiements ne font pas le total.')
  const number = `T01-${String(world.sales.length + 1).padStart(6, '0')}`
  const order_id = randomUUID()
  const admissions = request.items.filter((item) => item.kind === 'admission').reduce((sum, item) => sum + item.quantity, 0)
  const jobs: SealedSale['jobs'] = admissions ? [{ id: randomUUID(), role: 'ticket', state: 'sending' }] : []
  if (request.receipt) jobs.push({ id: randomUUID(), role: 'receipt', state: 'sending' })
  for (const part of request.payments) if (part.mode === 'cash') world.drawer += part.amount
  if (!world.online) world.waiting += 1
  world.sales.unshift({
    order_id, order_number: number, at: new Date().toISOString(), total: paid, refunded: 0, cashier: world.cashier!.name, uploaded: world.online,
    lines: request.items.map((item) => `${item.quantity} × ${priceOf(item).label}`), payments: request.payments, jobs: jobs.map((job) => ({ ...job, state: 'confirmed' })),
  })
  return {
    order_id, order_number: number, total: paid, change: request.payments.reduce((sum, part) => sum + part.tendered - part.amount, 0), sequence: world.sales.length,
    tickets: Array.from({ length: admissions }, (_, i) => ({ serial: `T01-${world.sales.length}-${i}`, human_code: 'K7P2-9XQF' })), jobs,
  }
}

function counted(body: { counts: Record<string, number>; modes: Record<string, number> }): Declared {
  const cash = worth(body.counts)
  const modes = Object.entries(body.modes).map(([mode, declared]) => ({ mode, expected: 0, declared, difference: declared }))
  const difference = cash - world.drawer
  world.counted = { expected: world.drawer, counted: cash, difference, modes, even: !difference && modes.every((one) => !one.difference), declarations: 1 }
  return world.counted
}

function answer(method: string, path: string, body: any): unknown {
  switch (`${method} ${path}`) {
    case 'GET /api/state': return state()
    case 'GET /api/scanner': return { text: 'TK-TEST', modules: 21, quiet: 4, path: 'M0 0h21v1h-21zM3 5h10v8h-10z', translation: {} }
    case 'POST /api/scanner': return {}
    case 'GET /api/status': return {
      last_answer_at: since, waiting_since: world.waiting ? since : null, clock_offset_ms: 1200, started_at: since, free_disk_bytes: 42e9, refusals: [],
      leases: [{ performance_id: 'museum-0', title: 'Collections permanentes', hall: '', starts_at: since, left: 42, until: since }],
    }
    case 'GET /api/layout': return world.layout
    case 'GET /api/cashiers': return { cashiers: CASHIERS.map((one) => ({ ...one, recent: false, has_float: false })) }
    case 'GET /api/authorisers': return { authorisers: CASHIERS.slice(0, 2) }
    case 'POST /api/drawer':
      if (!body.authorisation) throw new Refusal(403, 'OVERRIDE_NEEDED', 'Il faut l’accord d’un responsable.', { right: 'cashdesk.open_drawer' })
      if (body.authorisation.pin !== '1234') throw new Refusal(401, 'PIN_WRONG', 'Ce code n’est pas le bon.')
      return {}
    case 'POST /api/day/reading':
    case 'POST /api/day/closing': return {
      number: 12, of: '2026-11-23', first: 1402, last: 1533, sales: 61, refunds: 1, total: 128_450, perpetual: 9_812_350, perpetual_absolute: 9_840_150,
      vat: [{ rate_bp: 550, net: 118_200, vat: 6_501 }, { rate_bp: 2000, net: 3_124, vat: 625 }],
      payments: [{ mode: 'card', amount: 91_250 }, { mode: 'cash', amount: 37_200 }],
    }
    case 'POST /api/enrol':
      if (!/^[A-Z0-9-]{8,}$/i.test(body.code)) throw new Refusal(400, 'CODE_UNKNOWN', 'Ce code n’existe pas ou a déjà servi.')
      world.enrolled = true
      return { till: state().till }
    case 'POST /api/sign-in':
      if (world.failedPins >= 3) throw new Refusal(429, 'PIN_THROTTLED', 'Trop d’essais.', { retry_seconds: '30' })
      if (body.pin !== '1234') {
        world.failedPins += 1
        throw new Refusal(401, 'PIN_WRONG', `Ce code n’est pas le bon. Il reste ${3 - world.failedPins} essais.`, { attempts_left: String(3 - world.failedPins) })
      }
      world.failedPins = 0
      world.cashier = { ...CASHIERS.find((one) => one.id === body.cashier_id)!, rights: ['cashdesk.sell'], profile: 'cashier' }
      return { cashier: world.cashier }
    case 'POST /api/sign-out': world.cashier = null; return {}
    case 'POST /api/float/open':
      world.drawer = worth(body.counts)
      world.cash = { id: randomUUID(), opened_at: new Date().toISOString(), opening_total: world.drawer }
      return { cash_float: world.cash }
    case 'GET /api/float': return {
      cash_float: world.cash, elsewhere: world.elsewhere, blind: false, modes: ['card', 'cheque'], signed_above: 30000, receivers: [], declarations: 0,
      expected: world.cash ? { cash: world.drawer, parts: { opening: world.cash.opening_total, sales: world.drawer - world.cash.opening_total }, modes: {} } : null,
    }
    case 'POST /api/float/movements': {
      if (body.kind === 'withdrawal' && body.amount > 30000 && !body.authorisation) throw new Refusal(403, 'OVERRIDE_NEEDED', 'Il faut l’accord d’un responsable.', { right: 'cashdesk.close' })
      world.drawer += body.kind === 'pay_in' ? body.amount : -body.amount
      return { number: 'T01-F000001', kind: body.kind, amount: body.amount }
    }
    case 'POST /api/float/carry-in':
      world.drawer = world.elsewhere[0]!.amount
      world.cash = { id: world.elsewhere[0]!.id, opened_at: world.elsewhere[0]!.opened_at, opening_total: 0 }
      world.elsewhere = []
      return { number: 'T01-F000001', kind: 'carried_in', amount: world.drawer }
    case 'POST /api/float/carry-out':
      world.cash = null
      return { number: 'T01-F000001', kind: 'carried_out', amount: world.drawer }
    case 'POST /api/float/declare': return { ...counted(body), declarations: 1 }
    case 'POST /api/float/close':
      world.cash = null
      return { ...world.counted, number: 'T01-F000002', explanation: body.explanation || null }
    case 'POST /api/basket': {
      const vat = new Map<number, { rate_bp: number; net: number; vat: number }>()
      let total = 0
      for (const item of body.items as Item[]) {
        const { price, rate } = priceOf(item)
        const net = Math.round((price * 10000) / (10000 + rate)) * item.quantity
        const line = vat.get(rate) ?? { rate_bp: rate, net: 0, vat: 0 }
        vat.set(rate, { rate_bp: rate, net: line.net + net, vat: line.vat + price * item.quantity - net })
        total += price * item.quantity
      }
      return { lines: [], total, vat: [...vat.values()], messages: world.layout.messages.filter((one) => one.moment === 'sale').map((one) => one.id), questions: world.layout.questions.map((one) => one.id) }
    }
    case 'POST /api/sales': return sell(body)
    case 'GET /api/sales': return { sales: world.sales.slice(0, 20), before: null }
    case 'GET /api/jobs': return { jobs: world.jobs }
    case 'POST /api/tickets/check':
      if (/^K7/i.test(body.code)) return { colour: 'green', reason: 'Billet valable aujourd’hui', order_number: 'T01-000042', label: 'Collections permanentes · Plein tarif · 14:30' }
      return { colour: 'red', reason: 'Ce code n’est pas celui d’un de nos billets', order_number: null, label: body.code }
    case 'POST /mock/set': Object.assign(world, body); return {}
    case 'POST /mock/reset': world = Object.assign(fresh(), body); return {}
  }
  const [, , , id, action] = path.split('/')
  if (path.startsWith('/api/messages/')) {
    world.read = [...world.read, id!]
    return {}
  }
  if (path.startsWith('/api/jobs/')) {
    world.jobs = world.jobs.filter((job) => job.id !== id)
    return {}
  }
  if (path.startsWith('/api/sales/') && action === 'receipt') return { job: { id: randomUUID(), role: 'receipt', state: 'queued' } }
  throw new Refusal(404, 'NOT_FOUND', `Rien à ${path}`)
}

async function handle(request: IncomingMessage, response: ServerResponse, next: () => void): Promise<void> {
  const path = new URL(request.url!, 'http://till').pathname
  if (!path.startsWith('/api/') && !path.startsWith('/mock/')) return next()
  let text = ''
  for await (const chunk of request) text += chunk
  const send = (status: number, type: string, body: unknown) => {
    response.writeHead(status, { 'Content-Type': type })
    response.end(JSON.stringify(body))
  }
  try {
    send(200, 'application/json', answer(request.method!, path, text ? JSON.parse(text) : undefined))
  } catch (error) {
    if (!(error instanceof Refusal)) return void response.destroy()
    send(error.status, 'application/problem+json', { type: 'about:blank', title: error.reason, status: error.status, detail: error.message, reason: error.reason, facts: error.facts })
  }
}

export function mockApi(): Plugin {
  return {
    name: 'mock-api',
    configureServer: (server) => void server.middlewares.use(handle),
    configurePreviewServer: (server) => void server.middlewares.use(handle),
  }
}
