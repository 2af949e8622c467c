/**
 * The plan of a performance (`<tk-seat-map data-house>`): the seats chosen on it go into the form below it, and once that was
 * answered the plan asks for its seats again, so that what was done shows at once, live or not.
 */
import type { SeatMapElement } from '../seatmap/element.svelte'

const plan = () => document.querySelector<SeatMapElement>('tk-seat-map[data-house]')
const desk = () => document.querySelector<HTMLElement>('#desk')

function show(ordinals: number[]): void {
  const form = desk()?.querySelector('form')
  const seats = form?.querySelector<HTMLInputElement>('[data-seats]')
  if (!form || !seats) return
  seats.value = ordinals.join(',')
  const count = form.querySelector<HTMLElement>('[data-count]')!
  const n = new Intl.NumberFormat(document.documentElement.lang).format(ordinals.length)
  count.textContent = !ordinals.length ? '' : ordinals.length === 1 ? count.dataset.one! : count.dataset.many!.replace('{n}', n)
  form.querySelector<HTMLElement>('[data-none]')!.hidden = ordinals.length > 0
  form.querySelector<HTMLElement>('[data-some]')!.hidden = !ordinals.length
}

/** One box ticks all of its form that bear a name. */
document.addEventListener('change', (event) => {
  const all = event.target as HTMLInputElement
  if (!all.dataset.all) return
  for (const box of all.form!.querySelectorAll<HTMLInputElement>(`[name="${all.dataset.all}"]`)) box.checked = all.checked
})

/** The map may not have arrived yet: what is set on it now is taken up when it does. */
function nameContingents(): void {
  const map = plan()
  const names = desk()?.dataset.contingents
  if (map && names) map.contingents = JSON.parse(names) as Record<string, string>
}

/** Another address makes the map load the snapshot again, and leaves its view where it is. */
function reload(map: SeatMapElement): void {
  const url = new URL(map.getAttribute('status-url')!, location.href)
  url.searchParams.set('at', String(Date.now()))
  map.setAttribute('status-url', url.pathname + url.search)
}

document.addEventListener('tk-seats-picked', (event) => {
  if ((event.target as HTMLElement).matches('[data-house]')) show((event as CustomEvent<{ ordinals: number[] }>).detail.ordinals)
})

document.addEventListener('htmx:afterSwap', (event) => {
  const map = plan()
  if (!map || (event.target as HTMLElement).id !== 'desk') return
  nameContingents()
  const told = desk()!.querySelector<HTMLElement>('[data-told]')
  if (told?.dataset.told === 'done') map.clear?.()
  reload(map)
  show(map.picked ?? [])
  told?.focus({ preventScroll: true })
  told?.scrollIntoView({ block: 'nearest' })
})

document.addEventListener('click', (event) => {
  const button = (event.target as HTMLElement).closest<HTMLElement>('[data-pick]')
  const map = plan()
  if (!button || !map) return
  map.pick(button.dataset.pick!.split(',').map(Number))
  map.scrollIntoView({ block: 'center' })
})

nameContingents()
