/** Server-sent events read from a plain answer: unlike EventSource it lets us see the comments that say "still here". */

export interface Message { event: string; id: string; data: string }

/** Feed it text as it comes; it returns the messages that are complete. Comments and retry lines are passed over. */
export function reader(): (text: string) => Message[] {
  let rest = ''
  let message = { event: 'message', id: '', data: [] as string[] }
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop()!
    const found: Message[] = []
    for (const line of lines) {
      if (line === '') {
        if (message.data.length) found.push({ ...message, data: message.data.join('\n') })
        message = { event: 'message', id: message.id, data: [] }
        continue
      }
      const colon = line.indexOf(':')
      if (colon === 0) continue
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') message.event = value
      else if (field === 'id') message.id = value
      else if (field === 'data') message.data.push(value)
    }
    return found
  }
}
