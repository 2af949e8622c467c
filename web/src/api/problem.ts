/** What a call may end with, besides its answer. */

/** The till refused, and says why (problem+json). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    readonly title: string,
    readonly detail: string,
    readonly facts: Record<string, string>,
  ) {
    super(detail || title)
  }
}

/** Nobody answered: the request may or may not have been carried out. Repeat it with the same request id. */
export class NoAnswer extends Error {}

const STORAGE_FULL = 507 // the till could not write, so nothing was done

/** Whether the request may have been carried out all the same: only the same request id may be sent again. */
export function effectUnknown(error: unknown): boolean {
  return error instanceof NoAnswer || (error instanceof Problem && error.status >= 500 && error.status !== STORAGE_FULL)
}

/** Turn a failed HTTP answer into what it means. A body that is no problem (a gateway's page) says nothing of the effect. */
export async function failure(answer: Response): Promise<Problem | NoAnswer> {
  let body: Record<string, unknown>
  try {
    body = await answer.json()
  } catch {
    return new NoAnswer(`HTTP ${answer.status}`)
  }
  if (typeof body.reason !== 'string') return new NoAnswer(`HTTP ${answer.status}`)
  return new Problem(
    answer.status,
    body.reason,
    String(body.title ?? ''),
    String(body.detail ?? ''),
    (body.facts ?? {}) as Record<string, string>,
  )
}
