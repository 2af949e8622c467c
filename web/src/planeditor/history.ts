/** What was done, to be undone. States are shared, not copied: a plan that changed keeps what did not change of it. */

const MOST = 200

export class History<State> {
  #past: State[] = []
  #future: State[] = []

  #kept: State

  constructor(public now: State) {
    this.#kept = now
  }

  get canUndo(): boolean {
    return this.#past.length > 0
  }

  get canRedo(): boolean {
    return this.#future.length > 0
  }

  /** Whether something is there that is not kept. */
  get changed(): boolean {
    return this.now !== this.#kept
  }

  /** What is now is kept somewhere else too. */
  keep(): void {
    this.#kept = this.now
  }

  do(next: State): void {
    if (next === this.now) return
    this.#past = [...this.#past, this.now].slice(-MOST)
    this.#future = []
    this.now = next
  }

  undo(): void {
    const before = this.#past.pop()
    if (before === undefined) return
    this.#future.push(this.now)
    this.now = before
  }

  redo(): void {
    const after = this.#future.pop()
    if (after === undefined) return
    this.#past.push(this.now)
    this.now = after
  }
}
