import { beforeEach, describe, expect, it } from 'vitest'
import { BEAT_MS, follow, LATE_MS, type Means } from './live'
import { SOLD } from './status'

/** A gateway whose answers the test writes, and a clock that the test turns. */
class Gateway {
  now = 0
  timers: { at: number; then: () => void }[] = []
  asked: string[] = []
  version = 7
  reachable = true
  line: ReadableStreamDefaultController<Uint8Array> | null = null
  told: string[] = []

  means: Means = {
    fetch: (async (url: string, init: RequestInit) => {
      this.asked.push(url)
      if (!this.reachable) throw new TypeError('no network')
      if (url === '/status') {
        const buffer = new ArrayBuffer(16 + 3)
        new Uint8Array(buffer).set(new TextEncoder().encode('TKS1'))
        new DataView(buffer).setUint32(4, 3, true)
        new DataView(buffer).setBigUint64(8, BigInt(this.version), true)
        return new Response(buffer)
      }
      const body = new ReadableStream<Uint8Array>({ start: (controller) => void (this.line = controller) })
      init.signal!.addEventListener('abort', () => {
        this.line?.error(new DOMException('aborted', 'AbortError'))
        this.line = null
      })
      return new Response(body)
    }) as typeof fetch,
    wait: (ms, then) => {
      const timer = { at: this.now + ms, then }
      this.timers.push(timer)
      return () => (this.timers = this.timers.filter((each) => each !== timer))
    },
    chance: () => 0,
  }

  start() {
    return follow(3, '/status', '/events', {
      loaded: (status) => this.told.push(`loaded ${status.version}`),
      changed: (indices) => this.told.push(`changed ${indices}`),
      live: (live) => this.told.push(live ? 'live' : 'not live'),
    }, 0, this.means)
  }

  send(text: string) {
    this.line!.enqueue(new TextEncoder().encode(text))
  }

  /** Let a time pass, firing what falls due in it in order. */
  async pass(ms: number) {
    const end = this.now + ms
    for (;;) {
      await settled()
      const next = this.timers.filter((each) => each.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!next) break
      this.now = next.at
      this.timers = this.timers.filter((each) => each !== next)
      next.then()
    }
    this.now = end
    await settled()
  }
}

const settled = () => new Promise((done) => setTimeout(done, 0))
const seats = (from: number, to: number, ...pairs: number[]) => `event: seats\nid: ${to}\ndata: ${JSON.stringify({ from, to, seats: pairs })}\n\n`

describe('following a performance', () => {
  let gateway: Gateway
  let stop: () => void
  beforeEach(async () => {
    gateway = new Gateway()
    stop = gateway.start()
    await settled()
    return () => stop()
  })

  it('loads the snapshot, then listens from its version', () => {
    expect(gateway.asked).toEqual(['/status', '/events?since=7'])
    expect(gateway.told).toEqual(['loaded 7', 'live'])
  })

  it('applies what follows and passes over what it knows', async () => {
    gateway.send(seats(6, 7, 1, SOLD) + seats(7, 8, 2, SOLD))
    await settled()
    expect(gateway.told.slice(2)).toEqual(['changed 1'])
  })

  it('loads the snapshot again after a gap', async () => {
    gateway.version = 12
    gateway.send(seats(11, 12, 2, SOLD))
    await gateway.pass(1000)
    expect(gateway.asked.slice(2)).toEqual(['/status', '/events?since=12'])
    expect(gateway.told).toContain('loaded 12')
  })

  it('loads the snapshot again when it is told to', async () => {
    gateway.version = 9
    gateway.send('event: resync\ndata: {"version": 9}\n\n')
    await gateway.pass(1000)
    expect(gateway.told.at(-1)).toBe('loaded 9')
  })

  it('asks less and less often while snapshots lead to nothing', async () => {
    for (let n = 0; n < 6; n++) {
      if (gateway.line) gateway.send('event: resync\ndata: {}\n\n')
      await gateway.pass(600)
    }
    expect(gateway.asked.filter((url) => url === '/status')).toHaveLength(3)
  })

  it('stays live on comments alone', async () => {
    for (let beat = 0; beat < 5; beat++) {
      await gateway.pass(BEAT_MS)
      gateway.send(':\n\n')
    }
    await settled()
    expect(gateway.told).toEqual(['loaded 7', 'live'])
  })

  it('is no longer live when a beat is ten seconds late, and opens a new line', async () => {
    await gateway.pass(BEAT_MS + LATE_MS - 1)
    expect(gateway.told.at(-1)).toBe('live')
    await gateway.pass(2)
    expect(gateway.told.at(-1)).toBe('not live')
    await gateway.pass(1000)
    expect(gateway.told.at(-1)).toBe('live')
  })

  it('a short cut is not worth a word; a long one is told once, and its end', async () => {
    gateway.reachable = false
    gateway.line!.close()
    await gateway.pass(LATE_MS - 100)
    expect(gateway.told).not.toContain('not live')
    await gateway.pass(60_000)
    expect(gateway.told.filter((each) => each === 'not live')).toHaveLength(1)
    expect(gateway.asked.length).toBeLessThan(14)
    gateway.reachable = true
    await gateway.pass(20_000)
    expect(gateway.told.at(-1)).toBe('live')
  })

  it('takes a broken line up where it broke, without loading the snapshot again', async () => {
    gateway.send(seats(7, 8, 2, SOLD))
    await settled()
    gateway.line!.close()
    await gateway.pass(1000)
    expect(gateway.asked).toEqual(['/status', '/events?since=7', '/events?since=8'])
    gateway.send(seats(8, 9, 3, SOLD))
    await settled()
    expect(gateway.told).toEqual(['loaded 7', 'live', 'changed 1', 'changed 2'])
  })

  it('comes back when a gateway that closes says so, and stays live meanwhile', async () => {
    gateway.send('event: closing\ndata: 3000\n\n')
    await gateway.pass(2900)
    expect(gateway.asked).toHaveLength(2)
    await gateway.pass(200)
    expect(gateway.asked.at(-1)).toBe('/events?since=7')
    expect(gateway.told).toEqual(['loaded 7', 'live'])
  })

  it('says nothing more once it is stopped', async () => {
    stop()
    const before = gateway.told.length
    await gateway.pass(120_000)
    expect(gateway.told.length).toBe(before)
    expect(gateway.asked).toHaveLength(2)
  })
})

describe('following a till, which has no line of events', () => {
  it('looks again and again, and tells only what changed', async () => {
    const gateway = new Gateway()
    let third = 0
    const fetched = gateway.means.fetch
    gateway.means.fetch = (async (url: string, init: RequestInit) => {
      const buffer = await (await fetched(url, init)).arrayBuffer()
      new Uint8Array(buffer)[18] = third
      return new Response(buffer)
    }) as typeof fetch
    const stop = follow(3, '/status', null, {
      loaded: (status) => gateway.told.push(`loaded ${status.version}`),
      changed: (indices, before) => gateway.told.push(`changed ${indices} from ${before}`),
      live: (live) => gateway.told.push(live ? 'live' : 'not live'),
    }, 1000, gateway.means)
    await gateway.pass(1500)
    third = SOLD
    await gateway.pass(2000)
    expect(gateway.told).toEqual(['loaded 7', 'live', 'changed 2 from 0'])
    gateway.reachable = false
    await gateway.pass(LATE_MS + 2000)
    expect(gateway.told.at(-1)).toBe('not live')
    stop()
  })
})
