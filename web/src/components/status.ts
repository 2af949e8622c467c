/** The till's state in a few words, as the bar and its details both say them. */
import type { Device, Printer, TillState } from '../api/till'
import { moment, t } from '../i18n/i18n.svelte'

/** "Hors ligne depuis 14 h 05", or why the line is known to fail. */
export function lineWords(state: TillState): string {
  const isKnown = state.line_since !== null && Date.parse(state.line_since) <= Date.parse(state.now) // else the clock was set back since
  const time = isKnown ? moment(state.line_since!, state.now) : ''
  if (state.online) return isKnown ? t('status.online', { time }) : t('status.onlineNow')
  if (state.line_problem) return t('status.proxyRefused')
  return isKnown ? t('status.offline', { time }) : t('status.offlineNow')
}

export const deviceWords = (device: Device): string =>
  [`${t(`device.${device.role}`)} : ${t(`device.state.${device.state}`)}`, ...device.causes].join(' – ')

export const printerWords = (printer: Printer): string =>
  [`${t(`status.printer.${printer.role}`)} : ${t(`status.printer.${printer.state}`)}`, ...printer.causes].join(' – ')
