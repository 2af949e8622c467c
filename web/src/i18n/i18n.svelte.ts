/** Words, amounts and times in the cashier's language. French first; one JSON catalogue per language, same keys. */
import { speak } from '../api/client'
import en from './en.json'
import fr from './fr.json'

export type Sentence = keyof typeof fr
export type Language = 'fr' | 'en'

const CATALOGUES: Record<Language, Record<Sentence, string>> = { fr, en }
const REGION: Record<Language, string> = { fr: 'fr-FR', en: 'en-GB' }
const KEPT = 'tk.language'

const current = $state({ language: kept() ?? ('fr' as Language), zone: 'Europe/Paris', currency: 'EUR' })

function kept(): Language | null {
  const language = localStorage.getItem(KEPT)
  return language === 'fr' || language === 'en' ? language : null
}

export const language = (): Language => current.language

/** Set where the venue is and, until the cashier chooses one, the till's language. */
export function settle(zone: string, tillLanguage: string): void {
  current.zone = zone
  if (!kept() && (tillLanguage === 'fr' || tillLanguage === 'en')) choose(tillLanguage, false)
}

export function settleCurrency(currency: string): void {
  current.currency = currency
}

export function choose(chosen: Language, keep = true): void {
  current.language = chosen
  if (keep) localStorage.setItem(KEPT, chosen)
  document.documentElement.lang = chosen
  speak(chosen)
}
choose(current.language, false)

export function t(sentence: Sentence, facts: Record<string, string | number> = {}): string {
  return CATALOGUES[current.language][sentence].replace(/\{(\w+)\}/g, (whole, name: string) => String(facts[name] ?? whole))
}

const formats = new Map<string, Intl.NumberFormat | Intl.DateTimeFormat>()

function format<T extends Intl.NumberFormat | Intl.DateTimeFormat>(key: string, make: (region: string) => T): T {
  const name = `${key}|${current.language}|${current.zone}|${current.currency}`
  if (!formats.has(name)) formats.set(name, make(REGION[current.language]))
  return formats.get(name) as T
}

/** 1250 as "12,50 €". */
export const money = (minorUnits: number): string =>
  format('money', (region) => new Intl.NumberFormat(region, { style: 'currency', currency: current.currency })).format(minorUnits / 100)

/** A denomination as it is called: "50 €", "20 c". */
export function denomination(minorUnits: number): string {
  if (minorUnits < 100) return `${minorUnits} c`
  return format('piece', (region) => new Intl.NumberFormat(region, { style: 'currency', currency: current.currency, maximumFractionDigits: 0 })).format(minorUnits / 100)
}

export const integer = (n: number): string => format('integer', (region) => new Intl.NumberFormat(region)).format(n)

export const rate = (basisPoints: number): string =>
  format('rate', (region) => new Intl.NumberFormat(region, { style: 'percent', maximumFractionDigits: 2 })).format(basisPoints / 10000)

const inZone = (options: Intl.DateTimeFormatOptions) => (region: string) =>
  new Intl.DateTimeFormat(region, { ...options, timeZone: current.zone })

/** "14:30" in the venue's zone. */
export const time = (iso: string): string => format('time', inZone({ hour: '2-digit', minute: '2-digit' })).format(new Date(iso))

/** A business day, which is a date in no zone: "lundi 23 novembre 2026". */
export const businessDay = (date: string): string =>
  format('businessDay', (region) => new Intl.DateTimeFormat(region, { dateStyle: 'full', timeZone: 'UTC' })).format(new Date(date))

const dayKey = (at: Date): string => format('day', inZone({ year: 'numeric', month: '2-digit', day: '2-digit' })).format(at)

/** "Aujourd’hui", "Demain", or "samedi 28 novembre". */
export function day(iso: string, now: string): string {
  const at = new Date(iso)
  const today = new Date(now)
  if (dayKey(at) === dayKey(today)) return t('sell.today')
  if (dayKey(at) === dayKey(new Date(today.getTime() + 86_400_000))) return t('sell.tomorrow')
  return format('longDay', inZone({ weekday: 'long', day: 'numeric', month: 'long' })).format(at)
}

const withDay = (iso: string, now: string, hour: string): string => {
  if (day(iso, now) === t('sell.today')) return hour
  return `${format('shortDay', inZone({ weekday: 'short', day: 'numeric', month: 'short' })).format(new Date(iso))} ${hour}`
}

/** When to come: the hour, with its day when that is not today. */
export const when = (iso: string, now: string): string => withDay(iso, now, time(iso))

const hour = (iso: string): string => (current.language === 'fr' ? time(iso).replace(':', '\u00a0h\u00a0') : time(iso))

/** The same inside a sentence: "14 h 05". */
export const moment = (iso: string, now: string): string => withDay(iso, now, hour(iso))

/** Day and hour in full, for who must say whether they are right: "vendredi 27 novembre 2026, 14 h 05"; the hour alone `beside` an instant of that day. */
export const fullMoment = (iso: string, beside = ''): string =>
  beside && dayKey(new Date(iso)) === dayKey(new Date(beside)) ? hour(iso) : `${format('fullDay', inZone({ weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })).format(new Date(iso))}, ${hour(iso)}`
