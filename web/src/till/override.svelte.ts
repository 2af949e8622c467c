/** A manager's word for one act (M4): who calls it waits until somebody gave it, or nobody did. */
import { Problem } from '../api/problem'
import type { Claim } from '../api/till'

export interface Asked {
  right: string
  reason: string // what it is for, as the manager reads it
}

class Override {
  asked = $state.raw<Asked | null>(null)
  /** Sends the act with a manager's claim; throws what the till refused. Set while one is asked. */
  private act: ((authorisation: Claim) => Promise<unknown>) | null = null
  private settle: (given: boolean) => void = () => {}

  /**
   * Ask a manager, and try the act with each PIN or badge that comes; true once the till has done it, false when the sheet was closed.
   * The act itself is the proof: the till checks the claim and does the act in one step.
   */
  askManager(right: string, reason: string, act: (authorisation: Claim) => Promise<unknown>): Promise<boolean> {
    this.close()
    this.asked = { right, reason }
    this.act = act
    return new Promise((settle) => (this.settle = settle))
  }

  /** Do the act; where the till wants somebody's leave for it, ask a manager. False when nobody gave it; throws what else the till refuses. */
  async attempt(reason: string, act: (authorisation?: Claim) => Promise<unknown>): Promise<boolean> {
    try {
      await act()
      return true
    } catch (error) {
      if (!(error instanceof Problem) || error.reason !== 'OVERRIDE_NEEDED') throw error
      return this.askManager(error.facts.right ?? '', reason, act)
    }
  }

  /** Throws what the till says of the claim: the sheet shows it, and stays. */
  async give(authorisation: Claim): Promise<void> {
    await this.act?.(authorisation)
    this.end(true)
  }

  close(): void {
    this.end(false)
  }

  private end(given: boolean): void {
    const settle = this.settle
    this.asked = this.act = null
    this.settle = () => {}
    settle(given)
  }
}

export const override = new Override()
