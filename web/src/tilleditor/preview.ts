/** The page in the editor's frame: the till's own screen, told what to show by the page around it. It sells nothing. */
import { mount, tick } from 'svelte'
import { till } from '../api/client'
import type { Calendar, Layout, TillState } from '../api/till'
import '../design/tokens.css'
import { choose, settle, settleCurrency } from '../i18n/i18n.svelte'
import SellScreen from '../screens/SellScreen.svelte'
import { register } from '../till/register.svelte'
import '../till/till.css'

interface Told {
  layout: Layout
  zone: string
  now: string
  page: string
  business_on: string
  calendars: Record<string, Record<string, Calendar>> // by page, by month
}

const nobody = () => Promise.reject(new Error('a preview asks no till'))
let calendars: Told['calendars'] = {}
const nothing: Calendar = { shows: [], tariffs: {}, performances: [] }
Object.assign(till, { price: nobody, sell: nobody, calendar: (page: string, month: string) => Promise.resolve(calendars[page]?.[month] ?? nothing) })
register.confirm = () => {
  register.back()
  register.clear()
}

let mounted = false

async function show({ layout, zone, now, page, ...told }: Told): Promise<void> {
  choose(document.documentElement.lang === 'en' ? 'en' : 'fr', false)
  settle(zone, '')
  settleCurrency(layout.currency)
  for (const [name, value] of Object.entries(layout.theme)) if (name.startsWith('--tk-')) document.documentElement.style.setProperty(name, value)
  calendars = told.calendars
  register.state = { now, online: true, business_on: told.business_on, messages_read: [], cashier: null, cash_float: null, printers: [] as TillState["printers"], devices: [] as TillState["devices"] } as unknown as TillState
  register.back()
  register.clear() // what was touched may not exist any more
  register.layout = layout
  if (!mounted) mount(SellScreen, { target: document.getElementById('till')! })
  mounted = true
  await tick()
  document.getElementById(`tab-${page}`)?.click()
}

addEventListener('message', (event: MessageEvent<Told>) => {
  if (event.origin === location.origin && event.source === parent) void show(event.data)
})
document.addEventListener('click', (event) => {
  if (!event.isTrusted || !(event.target instanceof Element)) return
  const tab = event.target.closest('[role=tab]')
  if (tab) parent.postMessage({ page: tab.id.slice('tab-'.length) }, location.origin)
  const key = event.target.closest('.sale-key')
  if (key) parent.postMessage({ key: [...document.querySelectorAll('.sale-key')].indexOf(key) }, location.origin)
})
parent.postMessage({ ready: true }, location.origin)
