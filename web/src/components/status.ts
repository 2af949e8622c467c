/** The till's state in a few words, as the bar and its details both say them. */
import type { Printer, TillState } from '../api/till'
import { moment, t } from '../i18n/i18n.svelte'

/** "Hors ligne depuis 14 h 05", or why the line is known to fail. */
export function lineWords(state: TillState): string {
  if (state.online) return t('status.online', { time: state.line_since ? moment(state.line_since, state.now) : '' })
  if (state.line_problem) return t('status.proxyRefused')
  return state.line_since ? t('status.offline', { time: moment(state.line_since, state.now) }) : t('status.offlineNow')
}

export const printerWords = (printer: Printer): string =>
  [`${t(`status.printer.${printer.role}`)} : ${t(`status.printer.${printer.state}`)}`, ...printer.causes].join(' – ')
