import type {
  Calendar,
  CardPayment, CardRequest, Claim, Counts, DayClosing, Item, Job, JobMark, KnownCashier, Layout, PastSale, PricedBasket, SaleRequest, SealedSale, TicketCheck,
  Paper,
  ClaimedOffer,
  NamedSeat,
  ReissueReason,
  ReservedFile,
  SaleSearch,
  ScannerTest,
  SetUpDevice,
  Shown,
  TillCertificate,
  TillState,
  TillStatus,
  WholeSale,
} from './till'
import type { Closing, Declared, FloatHeld, Moved, Movement } from './floats'
import { failure, NoAnswer } from './problem'
import type { Refundable, RefundRequest, SealedRefund } from './refunds'

const TIMEOUT_MS = 8000

let csrf = ''
let language = 'fr'

/** The language in which the till words its refusals. */
export function speak(chosen: string): void {
  language = chosen
}

async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const headers: Record<string, string> = { Accept: 'application/json', 'Accept-Language': language }
  if (method === 'POST') {
    headers['Content-Type'] = 'application/json'
    headers['X-Till-CSRF'] = csrf
  }
  let answer: Response
  try {
    answer = await fetch(path, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: 'same-origin',
      cache: 'no-store',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    })
    if (answer.ok) return (await answer.json()) as T
  } catch (cause) {
    throw new NoAnswer(String(cause))
  }
  throw await failure(answer)
}

/** Every call of the till's API. Each may throw Problem (refused, in words) or NoAnswer (effect unknown). */
export const till = {
  async state(): Promise<TillState> {
    const state = await call<TillState>('GET', '/api/state')
    csrf = state.csrf
    return state
  },
  status: () => call<TillStatus>('GET', '/api/status'),
  layout: () => call<Layout>('GET', '/api/layout'),
  calendar: (pageId: string, month: string) => call<Calendar>('GET', `/api/calendar/${encodeURIComponent(pageId)}/${month}`),
  applySetup: () => call<unknown>('POST', '/api/setup/apply', {}),
  enrol: (code: string) => call<unknown>('POST', '/api/enrol', { code }),
  cashiers: () => call<{ cashiers: KnownCashier[] }>('GET', '/api/cashiers'),
  signIn: (claim: Claim) => call<unknown>('POST', '/api/sign-in', claim),
  signOut: () => call<unknown>('POST', '/api/sign-out', {}),
  acknowledge: (messageId: string) => call<unknown>('POST', `/api/messages/${encodeURIComponent(messageId)}/acknowledge`, {}),
  authorisers: (right: string) => call<{ authorisers: { id: string; name: string }[] }>('GET', `/api/authorisers?right=${encodeURIComponent(right)}`),
  openDrawer: (opening: { reason: string; note: string; authorisation?: Claim }) => call<unknown>('POST', '/api/drawer', opening),
  confirmClock: (at: string, authorisation?: Claim) => call<unknown>('POST', '/api/clock', { at, authorisation }),
  readDay: (authorisation?: Claim) => call<DayClosing>('POST', '/api/day/reading', { authorisation }),
  closeDay: (authorisation?: Claim) => call<DayClosing>('POST', '/api/day/closing', { authorisation }),
  enterTraining: (authorisation?: Claim) => call<unknown>('POST', '/api/training/enter', { authorisation }),
  leaveTraining: () => call<unknown>('POST', '/api/training/leave', {}),
  openFloat: (counts: Counts) => call<unknown>('POST', '/api/float/open', { counts }),
  float: () => call<FloatHeld>('GET', '/api/float'),
  moveCash: (movement: Movement, authorisation?: Claim) => call<Moved>('POST', '/api/float/movements', { ...movement, authorisation }),
  transfer: (request_id: string, amount: number, authorisation: Claim) => call<Moved>('POST', '/api/float/transfer', { request_id, amount, authorisation }),
  carryOut: () => call<Moved>('POST', '/api/float/carry-out', {}),
  carryIn: (movement_id: string) => call<Moved>('POST', '/api/float/carry-in', { movement_id }),
  declareFloat: (counts: Counts, modes: Record<string, number>) => call<Declared>('POST', '/api/float/declare', { counts, modes }),
  closeFloat: (explanation: string) => call<Closing>('POST', '/api/float/close', { explanation }),
  price: (items: Item[]) => call<PricedBasket>('POST', '/api/basket', { items }),
  sell: (request: SaleRequest) => call<SealedSale>('POST', '/api/sales', request),
  askCard: ({ reverses, ...asked }: CardRequest) =>
    reverses
      ? call<CardPayment>('POST', `/api/payments/${encodeURIComponent(reverses)}/reverse`, { attempt_id: asked.attempt_id })
      : call<CardPayment>('POST', '/api/payments', asked),
  reverseByHand: (id: string, attempt_id: string) => call<CardPayment>('POST', `/api/payments/${encodeURIComponent(id)}/reverse`, { attempt_id, by_hand: true }),
  cardPayment: (id: string) => call<CardPayment>('GET', `/api/payments/${encodeURIComponent(id)}`),
  cardPayments: () => call<{ payments: CardPayment[] }>('GET', '/api/payments'),
  abortCard: (id: string) => call<unknown>('POST', `/api/payments/${encodeURIComponent(id)}/abort`, {}),
  settleCard: (id: string, paid: boolean, authorisation?: Claim) =>
    call<CardPayment>('POST', `/api/payments/${encodeURIComponent(id)}/settle`, { paid, authorisation }),
  findSales: ({ text, today, mine, before }: SaleSearch) =>
    call<{ sales: PastSale[]; before: number | null }>(
      'GET',
      `/api/sales?${new URLSearchParams({ text, today: today ? '1' : '', mine: mine ? '1' : '', before: before === null ? '' : String(before) })}`,
    ),
  sale: (orderId: string) => call<WholeSale>('GET', `/api/sales/${encodeURIComponent(orderId)}`),
  printTicketsAgain: (orderId: string, serials: readonly number[], reason: ReissueReason) =>
    call<{ jobs: Paper[] }>('POST', `/api/sales/${encodeURIComponent(orderId)}/tickets`, { serials, reason }),
  receipt: (orderId: string) => call<{ job: JobMark }>('POST', `/api/sales/${encodeURIComponent(orderId)}/receipt`, {}),
  pickSeats: (performance: string, seats: readonly number[]) =>
    call<{ seats: NamedSeat[] }>('POST', `/api/performances/${encodeURIComponent(performance)}/seats/pick`, { seats }),
  bestSeats: (performance: string, category_id: string, quantity: number) =>
    call<{ seats: NamedSeat[] }>('POST', `/api/performances/${encodeURIComponent(performance)}/seats/best`, { category_id, quantity }),
  letSeatsGo: (performance: string, seats: readonly number[]) =>
    call<unknown>('POST', `/api/performances/${encodeURIComponent(performance)}/seats/let-go`, { seats }),
  reserved: (text: string) => call<{ files: ReservedFile[] }>('GET', `/api/reserved?${new URLSearchParams({ text })}`),
  claimReserved: (id: string) => call<ClaimedOffer>('POST', `/api/reserved/${encodeURIComponent(id)}/claim`, {}),
  leaveReserved: (id: string) => call<{ told: boolean }>('POST', `/api/reserved/${encodeURIComponent(id)}/leave`, {}),
  refundable: (orderId: string) => call<Refundable>('GET', `/api/sales/${encodeURIComponent(orderId)}/refunds`),
  refund: (orderId: string, request: RefundRequest) =>
    call<SealedRefund>('POST', `/api/sales/${encodeURIComponent(orderId)}/refunds`, request),
  certificate: () => call<TillCertificate>('GET', '/api/certificate'),
  jobs: () => call<{ jobs: Job[] }>('GET', '/api/jobs?state=open'),
  retryJob: (id: string) => call<unknown>('POST', `/api/jobs/${encodeURIComponent(id)}/retry`, {}),
  resolveJob: (id: string, came_out: boolean) =>
    call<unknown>('POST', `/api/jobs/${encodeURIComponent(id)}/resolve`, { came_out }),
  devices: () => call<{ devices: SetUpDevice[]; addresses: string[] }>('GET', '/api/devices'),
  setUpDevice: (role: string, device: Pick<SetUpDevice, 'driver' | 'address' | 'options'> & { authorisation?: Claim }) =>
    call<unknown>('POST', `/api/devices/${role}`, device),
  testDevice: (role: string) => call<unknown>('POST', `/api/devices/${role}/test`, {}),
  display: () => call<{ organiser: string; currency: string; theme: Record<string, string>; training: boolean }>('GET', '/api/display'),
  show: (shown: Shown) => call<unknown>('POST', '/api/display', shown),
  scanner: () => call<ScannerTest>('GET', '/api/scanner'),
  keepScanner: (translation: Record<string, string>) => call<unknown>('POST', '/api/scanner', { translation }),
  check: (code: string) => call<TicketCheck>('POST', '/api/tickets/check', { code }),
}
