/** Keys of the keyboard that a manager gave a task (C7). They act on the sale, never on what is being typed. */
import type { KeyCode } from '../api/till'
import { t, when } from '../i18n/i18n.svelte'
import { codeOf, learnable } from '../sale/keyboard'
import { keyOffer, tariffOffer } from '../sale/offers'
import { placesLeft } from '../components/places'
import { register } from './register.svelte'

const TYPED_IN = 'input:not([type=checkbox], [type=radio], [type=button]), textarea, select, [contenteditable]'

export function press(event: KeyboardEvent): void {
  if (event.defaultPrevented || !learnable(event)) return
  const wanted = codeOf(event)
  const given = register.layout?.key_codes.find((one) => one.code === wanted)
  if (!given || !register.state?.cashier || !register.state.cash_float) return
  event.preventDefault() // a key with a task never reloads or prints the page
  const typing = event.target instanceof Element && event.target.matches(TYPED_IN)
  if (!event.repeat && !typing && !document.querySelector('dialog[open]')) act(given)
}

function act({ key_id, action }: KeyCode): void {
  const choosing = register.payment.state === 'none' || register.payment.state === 'sealed'
  if (key_id !== null) {
    if (choosing) addKey(key_id)
    return
  }
  const [kind, target = ''] = (action ?? '').split(/:(.*)/s)
  switch (kind) {
    case 'confirm':
      return register.confirm()
    case 'clear':
      return void (choosing && register.clear())
    case 'lock':
      return void register.lock().catch(() => {})
    case 'page':
      return void (choosing && (register.page = target))
    case 'tariff':
      return void (choosing && addTariff(target))
    case 'pay':
      if (!register.state?.frozen && register.layout?.payment_modes.some((mode) => mode.code === target)) register.choose(target)
  }
}

function addKey(id: string): void {
  const key = register.layout!.pages.flatMap((page) => (page.kind === 'keys' ? page.keys : [])).find((one) => one.id === id)
  const offer = key && keyOffer(key)
  if (!offer) return
  const at = key.performance ? when(key.performance.starts_at, register.state!.now) : ''
  register.add({ ...offer, sublabel: [at, key.sublabel].filter(Boolean).join(' · ') })
}

/** Of the date that the seller has in sight. */
function addTariff(id: string): void {
  const { show, performance } = register.inSight ?? {}
  const tariff = performance?.tariffs.find((one) => one.id === id)
  if (show && performance && tariff && placesLeft(performance) > 0) register.add(tariffOffer(show, performance, tariff, when(performance.starts_at, register.state!.now), t('seats.bestOne')))
}
