/** Calls of the editor's own routes. */

/** The server refused, in words; `reason` is stable. */
export class Refused extends Error {
  constructor(
    readonly reason: string,
    words: string,
  ) {
    super(words)
  }
}

/** Throws Refused, or TypeError when nobody answered. */
export async function post<T>(url: string, body: unknown): Promise<T> {
  const token = document.querySelector<HTMLMetaElement>('meta[name=csrf-token]')?.content ?? ''
  const headers = { 'Content-Type': 'application/json', Accept: 'application/json', 'X-CSRFToken': token }
  const answer = await fetch(url, { method: 'POST', credentials: 'same-origin', body: JSON.stringify(body), headers })
  const told = (await answer.json()) as T & { reason?: string; detail?: string }
  if (!answer.ok) throw new Refused(told.reason ?? '', told.detail ?? String(answer.status))
  return told
}
