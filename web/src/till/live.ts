/** What the till tells as it happens. The browser takes a lost stream up again by itself, but not one that was refused. */
const AGAIN_MS = 3000

export function follow(listeners: Record<string, (data: unknown) => void>, lost: (isLost: boolean) => void = () => {}): () => void {
  let stream: EventSource
  let timer = 0
  function open() {
    stream = new EventSource('/api/live')
    for (const [kind, listener] of Object.entries(listeners)) {
      stream.addEventListener(kind, (event) => listener(JSON.parse((event as MessageEvent<string>).data)))
    }
    stream.onopen = () => lost(false)
    stream.onerror = () => {
      lost(true)
      if (stream.readyState !== EventSource.CLOSED) return
      timer = window.setTimeout(open, AGAIN_MS)
    }
  }
  open()
  return () => {
    clearTimeout(timer)
    stream.close()
  }
}
