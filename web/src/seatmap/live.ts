/**
 * Following a performance: the snapshot first, then each delta. A line that breaks is taken up where it broke: the gateway
 * tells what was missed, or that it was too much, and then a snapshot is loaded again.
 */
import { reader } from './sse'
import { apply, decodeStatus, type Delta, type Status } from './status'

export const BEAT_MS = 15_000 // the gateway says something at least this often
export const LATE_MS = 10_000 // this much after that, or after the line broke, the plan is no longer live
const WAITS_MS = [500, 1000, 2000, 5000, 10_000, 20_000]
const SPREAD = 0.3 // so that a thousand browsers do not come back in the same instant

export interface Following {
  loaded(status: Status): void // a whole snapshot
  changed(indices: number[], before: number[]): void // a delta was applied to the status given last
  live(live: boolean): void
}

export interface Means {
  fetch: typeof fetch
  wait(ms: number, then: () => void): () => void // returns how to call it off
  chance(): number // 0 to 1
}

const BROWSER: Means = {
  fetch: (...all) => fetch(...all),
  wait: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => clearTimeout(timer)
  },
  chance: Math.random,
}

class Missed extends Error {}

/** The gateway closes the line in good order and says when to come back. */
class Closing extends Error {
  constructor(readonly wait: number) { super('the line is closing') }
}

/**
 * Follow until the returned function is called. Without `eventsUrl` the snapshot is loaded again every `everyMs`, from a till
 * beside the browser; 0: once, and that is all.
 */
export function follow(seats: number, statusUrl: string, eventsUrl: string | null, told: Following, everyMs = 0, means: Means = BROWSER): () => void {
  let stopped = false
  let failures = 0 // one after another
  let misses = 0 // snapshots that led to nothing
  let status: Status | null = null // as far as we know it; null: to be loaded
  let broken = false
  let live: boolean | null = null
  let abort = new AbortController()
  let cancelLate = () => {}
  let cancelRetry = () => {}

  const say = (now: boolean) => {
    if (live === now || stopped) return
    live = now
    told.live(now)
  }
  const heard = () => {
    broken = false
    failures = 0
    say(true)
    cancelLate()
    cancelLate = means.wait(BEAT_MS + LATE_MS, () => {
      say(false)
      abort.abort() // a line that is silent is dead, even if nobody closed it
    })
  }
  const lost = () => {
    if (broken || stopped) return // the first failure starts the clock, the next ones do not put it back
    broken = true
    cancelLate()
    cancelLate = means.wait(LATE_MS, () => say(false))
  }

  const patience = (times: number) => WAITS_MS[Math.min(times, WAITS_MS.length - 1)]! * (1 - SPREAD * means.chance())

  async function snapshot(signal: AbortSignal): Promise<Status> {
    const answer = await means.fetch(statusUrl, { signal, cache: 'no-cache', credentials: 'include' })
    if (!answer.ok) throw new Error(`the status answered ${answer.status}`)
    return decodeStatus(await answer.arrayBuffer(), seats)
  }

  async function load(signal: AbortSignal): Promise<Status> {
    const status = await snapshot(signal)
    if (!stopped) told.loaded(status)
    return status
  }

  async function lookAgain(status: Status, signal: AbortSignal): Promise<void> {
    const { bytes } = await snapshot(signal)
    heard()
    const changed: number[] = []
    bytes.forEach((byte, i) => byte !== status.bytes[i] && changed.push(i))
    const before = changed.map((i) => status.bytes[i]!)
    status.bytes.set(bytes)
    if (changed.length && !stopped) told.changed(changed, before)
  }

  async function listen(status: Status, signal: AbortSignal): Promise<void> {
    const url = `${eventsUrl}${eventsUrl!.includes('?') ? '&' : '?'}since=${status.version}`
    const answer = await means.fetch(url, { signal, cache: 'no-store', credentials: 'include', headers: { Accept: 'text/event-stream' } })
    if (!answer.ok || !answer.body) throw new Error(`the events answered ${answer.status}`)
    const chunks = answer.body.getReader()
    const words = new TextDecoder()
    const messages = reader()
    heard()
    for (;;) {
      const { done, value } = await chunks.read()
      if (done) throw new Error('the line was closed')
      heard()
      for (const message of messages(words.decode(value, { stream: true }))) {
        if (message.event === 'resync') throw new Missed()
        if (message.event === 'closing') throw new Closing(Number(message.data) || 0)
        if (message.event !== 'seats') continue
        const applied = apply(status, JSON.parse(message.data) as Delta)
        if (applied.outcome === 'gap') throw new Missed()
        if (applied.outcome !== 'applied') continue
        misses = 0
        if (!stopped) told.changed(applied.changed, applied.before)
      }
    }
  }

  async function turn(): Promise<void> {
    abort = new AbortController()
    const { signal } = abort
    let wait = 0
    try {
      const fresh = !status
      status ??= await load(signal)
      if (eventsUrl) await listen(status, signal)
      else if (!everyMs) return
      else if (!fresh) await lookAgain(status, signal)
      wait = everyMs
    } catch (error) {
      if (error instanceof Missed) {
        status = null
        wait = patience(misses++)
      } else {
        lost()
        wait = error instanceof Closing ? error.wait : patience(failures++)
      }
    }
    abort.abort()
    if (stopped) return
    cancelRetry = means.wait(wait, () => void turn())
  }

  void turn()
  return () => {
    stopped = true
    abort.abort()
    cancelLate()
    cancelRetry()
  }
}
