/** The till's HTTP API as device-gateway serves it. Amounts in minor units, instants ISO 8601 with offset. */

export type Item =
  | { kind: 'admission'; performance_id: string; tariff_id: string; quantity: number; category_id?: string; seats?: number[] } // numbered: the chosen seats, else the best
  | { kind: 'product'; product_id: string; option: string | null; quantity: number }
  | { kind: 'reserved'; reservation_id: string; quantity: number } // a reserved file, whole

export interface Tariff {
  id: string
  label: string
  price: number
  vat_rate_bp: number
  category_id: string
  category: string
  seats: string // code of the seats that it prices
  reduced: boolean
  proof: string | null
}

export interface Performance {
  id: string
  starts_at: string
  ends_at: string
  hall: string
  capacity: number
  left: number
  online_left: number | null
  plan: string | null // numbered seats: the version of their plan
  tariffs: Tariff[]
}

export interface Key {
  id: string
  label: string
  sublabel: string
  colour: string
  price: number | null
  items: Item[]
  performance: Performance | null
  disabled: string | null
}

export interface Show {
  id: string
  title: string
  group: string
  colour: string
  performances: Performance[]
}

export interface Product {
  id: string
  label: string
  price: number
  options: { code: string; label: string; price: number }[]
  colour: string
}

export type CalendarShow = Omit<Show, 'performances'>

/** A month of a calendar page (A4): dates in order; the tariffs of a date are those of its price list. */
export interface Calendar {
  shows: CalendarShow[]
  tariffs: Record<string, Tariff[]>
  performances: (Omit<Performance, 'tariffs'> & { show_id: string; price_list_id: string })[]
}

export type Page = { colour: string } & (
  | { id: string; label: string; kind: 'keys'; keys: Key[] }
  | { id: string; label: string; kind: 'performances'; shows: Show[] }
  | { id: string; label: string; kind: 'products'; families: { label: string; products: Product[] }[] }
  | { id: string; label: string; kind: 'calendar' }
)

/** What a manager tells whoever sells (B3). `from`, `until`: instants. */
export interface SellerMessage {
  id: string
  text: string
  moment: 'sign_in' | 'sale'
  every_sale: boolean
  from: string | null
  until: string | null
}

/** A question to the customer (B4). */
export interface Question {
  id: string
  text: string
  kind: 'choice' | 'postcode' | 'number' | 'text'
  choices: string[]
  mandatory: boolean
}

/** What the customer said; null: nothing. */
export interface Answer {
  question_id: string
  answer: string | null
}

/** A key of the keyboard and what it does (C7). */
export interface KeyCode {
  code: string
  key_id: string | null
  action: string | null
}

export interface Mode {
  code: string
  label: string
}

export interface Layout {
  catalog_version: number
  currency: string
  organiser: string
  theme: Record<string, string>
  denominations: number[]
  payment_modes: Mode[]
  pages: Page[]
  messages: SellerMessage[]
  questions: Question[]
  key_codes: KeyCode[]
}

export interface Cashier {
  id: string
  name: string
  rights: string[]
  profile: string
}

/** Who may sign in here: those who were here come first, the last one before all. */
export interface KnownCashier {
  id: string
  name: string
  recent: boolean
  has_float: boolean
}

/** How somebody shows who they are: to sign in, or as `authorisation` of somebody else's act. */
export type Claim = { cashier_id: string; pin: string } | { badge: string }

export interface OpenFloat {
  cashier_id: string
  name: string
  opened_at: string
}

export interface Printer {
  role: 'ticket' | 'receipt'
  state: 'ready' | 'attention' | 'blocked' | 'offline' | 'unknown'
  causes: string[]
}

export type Role = 'ticket' | 'receipt' | 'card' | 'terminal' | 'display' | 'drawer' | 'scanner'

export interface Device {
  role: Role
  state: 'ready' | 'attention' | 'blocked' | 'offline' | 'unknown'
  causes: string[]
}

export interface TillState {
  csrf: string
  till: { id: string; number: string; name: string; point_of_sale: string } | null
  language: string
  online: boolean
  line_since: string | null // since when the line is good, or lost; null: the centre never answered this till
  line_problem: 'PROXY_REFUSED' | null
  waiting_entries: number
  frozen: string | null // why the centre refuses this till
  disk_full: boolean // its machine takes nothing more to its disk
  places_in_lease: number
  catalog_version: number
  layout_version: string
  business_on: string
  now: string
  clock: {
    ahead_of: string | null // an entry of the journal that this clock stands before: nothing is sold
    centre_at: string | null // what time the centre says that it is, where it refuses this clock
    offset_ms: number // till minus centre, as last measured
  }
  venue_zone: string
  cashier: Cashier | null
  cash_float: { id: string; opened_at: string; opening_total: number } | null
  leaving: ('payments' | 'floats' | 'entries' | 'places')[] | null // asked back by the centre: what is still to be done
  messages_read: string[] // in this working period
  training: boolean // the till practises: nothing has value
  open_floats: OpenFloat[]
  setup_waits: boolean // a new set-up is here: it is applied when no sale is under way (B9)
  lock_after_minutes: number // 0: never
  printers: Printer[]
  devices: Device[] // the others
  terminal: Terminal | null // null: cards are typed by hand
  sales_to_settle: string[] // whose card's money is in doubt, or taken and not sold for; the one at hand too
  jobs_in_doubt: number
  jobs_failed: number
  version: string
}

/** A role of devices on the set-up page; `driver` is empty where there is none. */
export interface SetUpDevice extends Device {
  driver: string
  address: string
  options: Record<string, string | number | boolean>
  drivers: string[]
  can_print: boolean
}

/** A line of the sale, as the customer reads it. */
export interface ShownLine {
  label: string
  sublabel: string
  quantity: number
  total: number
}

/** What the customer sees (C3). Amounts in minor units; `newest`: which line was touched last. */
export interface Shown {
  state: 'closed' | 'welcome' | 'basket' | 'paying' | 'done'
  lines: ShownLine[]
  newest: number
  total: number
  due: number
  tendered: number
  change: number
}

/** How the till stands, in full. Instants are null where there is nothing to say. */
export interface TillStatus {
  last_answer_at: string | null
  waiting_since: string | null
  leases: { performance_id: string; title: string; hall: string; starts_at: string; left: number; until: string }[]
  clock_offset_ms: number // till time minus centre time
  started_at: string
  free_disk_bytes: number
  refusals: string[]
}

/** A known code for a wedge reader as a QR code, and what its characters are turned into. */
export interface ScannerTest {
  text: string
  modules: number
  quiet: number
  path: string
  translation: Record<string, string>
}

/** `handed_over`: the printer took it, and is one that cannot say that the paper came out. */
export type JobState = 'queued' | 'sending' | 'sent' | 'waiting' | 'confirmed' | 'handed_over' | 'in_doubt' | 'failed'

export interface JobMark {
  id: string
  role: 'ticket' | 'receipt'
  state: JobState
}

export interface Job extends JobMark {
  reason: string | null
  order_number: string | null
  title: string
  created_at: string
}

export interface Part {
  mode: string
  amount: number
  tendered: number
  attempt_id?: string // of the payment at the terminal that took it
}

export interface Terminal {
  state: 'ready' | 'attention' | 'blocked' | 'offline' | 'unknown'
  can_abort: boolean // else only its own red key gives a payment up
}

/** What the terminal is asked. The till keeps `basket` for us: a parked sale is taken up from it. */
export interface CardRequest {
  attempt_id: string
  sale_id: string
  amount: number
  basket: unknown
  reverses?: string // the payment that this one gives back
}

/** A payment at the terminal; `moved`: the money that changed hands. */
export interface CardPayment {
  id: string
  reference: string
  sale_id: string
  kind: 'debit' | 'credit'
  amount: number
  state: 'waiting' | 'sent' | 'unknown' | 'approved' | 'partial' | 'declined' | 'cancelled' | 'not_started'
  moved: number
  why: string
  began_at: string
  basket: unknown
}

export interface SaleRequest {
  request_id: string
  items: Item[]
  payments: Part[]
  receipt: boolean
  expected_total: number
  catalog_version: number
  sale_id?: string // where the terminal was asked for this basket
  answers?: Answer[] // where the till has questions
}

export interface SealedSale {
  order_id: string
  order_number: string
  total: number
  change: number
  sequence: number
  tickets: { serial: string; human_code: string }[]
  jobs: JobMark[]
}

export interface PastSale {
  order_id: string
  order_number: string
  at: string
  total: number
  refunded: number // given back of it since
  cashier: string
  lines: string[]
  payments: { mode: string; amount: number }[]
  uploaded: boolean
  jobs: JobMark[]
}

/** What sales are looked for by; `before`: go on after this page. */
export interface SaleSearch {
  text: string
  today: boolean
  mine: boolean
  before: number | null
}

/** A sale with all that it is. Amounts in minor units. */
export interface WholeSale extends Omit<PastSale, 'payments'> {
  business_on: string
  sequence: number
  details: { label: string; quantity: number; unit_price: number; total: number }[]
  vat: { rate_bp: number; net: number; vat: number }[]
  payments: { mode: string; amount: number; tendered: number; change: number }[]
  tickets: { serial: number; human_code: string; label: string; seat: string; reissue: number; refunded: boolean }[]
  papers: Paper[]
}

/** A print job, whatever its state; `copy` n says DUPLICATA n. */
export interface Paper extends JobMark {
  title: string
  copy: number
}

export const REISSUE_REASONS = ['damaged', 'lost', 'other'] as const
export type ReissueReason = (typeof REISSUE_REASONS)[number]

export interface PricedBasket {
  total: number
  vat: { rate_bp: number; net: number; vat: number }[]
  messages: string[] // to be shown with this basket
  questions: string[] // to be asked with it
}

export interface TicketCheck {
  colour: 'green' | 'amber' | 'red'
  reason: string
  order_number: string | null
  label: string
}

/** Counted cash: how many of each denomination, the denomination in minor units as the key. */
export type Counts = Record<string, number>

/** The till's certificate as a QR code: so many modules a side, white around it, and the dark ones as an SVG path. */
export interface TillCertificate {
  key: string
  valid_until: string
  text: string
  modules: number
  quiet: number
  path: string
}

/** A reserved file at the centre (A6). Amounts in minor units; `due` is still to be paid. */
export interface ReservedFile {
  reservation_id: string
  number: string
  state: 'open' | 'completed' | 'cancelled' | 'expired'
  buyer: string
  phone: string
  email: string
  note: string
  due_at: string
  total: number
  due: number
  lines: string[]
}

/** A numbered seat, as people call it. */
export interface NamedSeat {
  ordinal: number
  words: string
  category_id: string
}

/** A file that this till has claimed, as the basket takes it. */
export interface ClaimedOffer {
  label: string
  sublabel: string
  price: number
  items: Item[]
}

/** A reading (X) or closing (Z) of a day, as the journal seals it; amounts in minor units. */
export interface DayClosing {
  number: number
  of: string // the business day: 2026-11-23
  first: number
  last: number
  sales: number
  refunds: number
  total: number
  vat: { rate_bp: number; net: number; vat: number }[]
  payments: { mode: string; amount: number }[]
  perpetual: number
  perpetual_absolute: number
}
