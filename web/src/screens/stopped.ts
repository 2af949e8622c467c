/** Why a till sells no more, and what its cashier does now, by the reason that the till gives. */
import { type Sentence, t } from '../i18n/i18n.svelte'

interface Stop {
  title: Sentence
  why: Sentence
  steps: readonly Sentence[]
}

const JOURNAL: readonly Sentence[] = ['stop.keepOn', 'stop.call', 'stop.elsewhere']
const CHAIN: Stop = { title: 'stop.chain.title', why: 'stop.chain.why', steps: JOURNAL }
const CENTRE: Stop = { title: 'stop.centre.title', why: 'stop.centre.why', steps: ['stop.call', 'stop.elsewhere'] }

const STOPS: Record<string, Stop> = {
  TILL_REVOKED: { title: 'stop.revoked.title', why: 'stop.revoked.why', steps: ['stop.elsewhere', 'stop.revoked.do'] },
  TILL_RETURNED: { title: 'stop.returned.title', why: 'stop.returned.why', steps: JOURNAL },
  MACHINE_REPLACED: { title: 'stop.replaced.title', why: 'stop.replaced.why', steps: ['stop.elsewhere', 'stop.replaced.do'] },
  JOURNAL_FORK: { title: 'stop.fork.title', why: 'stop.fork.why', steps: JOURNAL },
  JOURNAL_BEHIND: { title: 'stop.behind.title', why: 'stop.behind.why', steps: JOURNAL },
  CHAIN_BROKEN: CHAIN,
  SIGNATURE_INVALID: CHAIN,
  ENTRY_MALFORMED: CHAIN,
  TILL_FROZEN: CENTRE,
  STORAGE_FULL: { title: 'stop.disk.title', why: 'stop.disk.why', steps: ['stop.elsewhere', 'stop.disk.do'] },
}

/** The words for a reason; one that this page does not know yet is the centre's decision all the same. */
export function stopWords(reason: string): { title: string; why: string; steps: string[] } {
  const { title, why, steps } = STOPS[reason] ?? CENTRE
  return { title: t(title), why: t(why), steps: (['stop.money', ...steps] as Sentence[]).map((step) => t(step)) }
}
