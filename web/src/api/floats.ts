/** Cash floats (E1 to E5). Amounts in minor units. */

/** A person's open float at another till; `movement_id` once it has left that one, and can be taken up here. */
export interface FloatElsewhere {
  id: string
  opened_at: string
  till: string
  movement_id: string | null
  amount: number
}

/** The seller's float as this till has it. `expected` is null where floats are counted blind, and without a float. */
export interface FloatHeld {
  cash_float: { id: string; opened_at: string; opening_total: number } | null
  elsewhere: FloatElsewhere[]
  blind: boolean
  modes: string[] // counted besides cash
  signed_above: number // a withdrawal above this takes a second person; 0: never
  receivers: string[] // cashiers with a float here, who can be given cash
  expected: { cash: number; parts: Record<string, number>; modes: Record<string, number> } | null
  declarations: number
}

export interface ModeCount {
  mode: string
  expected: number
  declared: number
  difference: number
}

/** What was counted, and what it differs by. */
export interface Counted {
  expected: number
  counted: number
  difference: number
  modes: ModeCount[]
}

export interface Declared extends Counted {
  even: boolean
  declarations: number
}

export interface Closing extends Counted {
  number: string
  explanation: string | null
}

export type MovementReason = 'change' | 'safe' | 'bank' | 'expense' | 'other'

export interface Movement {
  request_id: string
  kind: 'pay_in' | 'withdrawal'
  amount: number
  reason: MovementReason
  note: string
  bag_number: string
}

export interface Moved {
  number: string
  kind: string
  amount: number
}
