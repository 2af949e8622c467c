/** What can be done with a plan. Each deed gives another plan and leaves the first one as it was. */
import { MAX_SIZE, type Category, type Plan, type Row, type Seat, type Zone } from './document'
import { numbers, type Numbering, rowLabel } from './numbering'

export const WHEELCHAIR = 1
export const COMPANION = 2

export type Ids = ReadonlySet<string>

export interface Block {
  zone: string // id of a zone of the plan, or the name of a new one
  rows: number
  seats: number // of each row
  firstRow: string
  numbering: Numbering
  category: string
  pitch: number // centimetres between seats
  rowPitch: number // centimetres between rows
  curve: number // centimetres that the ends of a row lie nearer to the focus than its middle
}

function eachSeat(plan: Plan, change: (seat: Seat) => Seat): Plan {
  const zones = plan.zones.map((zone) => ({ ...zone, rows: zone.rows.map((row) => ({ ...row, seats: row.seats.map(change) })) }))
  return { ...plan, zones }
}

const eachOf = (plan: Plan, ids: Ids, change: (seat: Seat) => Seat): Plan => eachSeat(plan, (seat) => (ids.has(seat.id) ? change(seat) : seat))

/** Without what is undefined: the file leaves such fields out. */
function tidy(seat: Seat): Seat {
  return Object.fromEntries(Object.entries(seat).filter(([, value]) => value !== undefined)) as unknown as Seat
}

export const setCategory = (plan: Plan, ids: Ids, code: string): Plan => eachOf(plan, ids, (seat) => ({ ...seat, category: code }))

export const setQuality = (plan: Plan, ids: Ids, rank: number): Plan => eachOf(plan, ids, (seat) => ({ ...seat, quality: rank }))

export function setTrait(plan: Plan, ids: Ids, trait: number, on: boolean): Plan {
  const changed = eachOf(plan, ids, (seat) => tidy({
    ...seat,
    traits: (on ? (seat.traits ?? 0) | trait : (seat.traits ?? 0) & ~trait) || undefined,
    companion_of: trait === COMPANION && !on ? undefined : seat.companion_of,
  }))
  if (trait !== WHEELCHAIR || on) return changed
  return eachSeat(changed, (seat) => (seat.companion_of && ids.has(seat.companion_of) ? withoutSpace(seat) : seat))
}

const withoutSpace = (seat: Seat): Seat => tidy({ ...seat, companion_of: undefined, traits: (seat.traits ?? 0) & ~COMPANION || undefined })

/** One of two seats is a wheelchair space: the other one is its companion's. Null when they are not such a pair. */
export function pair(plan: Plan, ids: Ids): Plan | null {
  const seats = plan.zones.flatMap((zone) => zone.rows.flatMap((row) => row.seats.filter((seat) => ids.has(seat.id))))
  const spaces = seats.filter((seat) => (seat.traits ?? 0) & WHEELCHAIR)
  if (seats.length !== 2 || spaces.length !== 1) return null
  const space = spaces[0]!
  return eachOf(plan, new Set(seats.filter((seat) => seat !== space).map((seat) => seat.id)), (seat) => ({ ...seat, traits: (seat.traits ?? 0) | COMPANION, companion_of: space.id }))
}

/** As far as the paper goes: to the left and the top the group stops together, to the right and below the paper grows. */
export function move(plan: Plan, ids: Ids, dx: number, dy: number): Plan {
  const moved = plan.zones.flatMap((zone) => zone.rows.flatMap((row) => row.seats.filter((seat) => ids.has(seat.id))))
  if (!moved.length || (!dx && !dy)) return plan
  const x = Math.max(dx, -Math.min(...moved.map((seat) => seat.x)))
  const y = Math.max(dy, -Math.min(...moved.map((seat) => seat.y)))
  const right = Math.min(x, MAX_SIZE - Math.max(...moved.map((seat) => seat.x)))
  const down = Math.min(y, MAX_SIZE - Math.max(...moved.map((seat) => seat.y)))
  return onPaper(eachOf(plan, ids, (seat) => ({ ...seat, x: seat.x + right, y: seat.y + down })))
}

/** Where a drag ends: on the grid, so that rows stay straight. */
export const onGrid = (distance: number, step: number): number => Math.round(distance / step) * step || 0

function onPaper(plan: Plan): Plan {
  let { width, height } = plan
  for (const zone of plan.zones) {
    for (const row of zone.rows) {
      for (const seat of row.seats) {
        width = Math.max(width, seat.x)
        height = Math.max(height, seat.y)
      }
    }
  }
  return { ...plan, width, height }
}

/** Their neighbours stand at an aisle now; rows and companions without anybody are gone with them. */
export function remove(plan: Plan, ids: Ids): Plan {
  const kept = (seat: Seat): Seat => {
    const loose = tidy({ ...seat, left: seat.left && ids.has(seat.left) ? undefined : seat.left, right: seat.right && ids.has(seat.right) ? undefined : seat.right })
    return loose.companion_of && ids.has(loose.companion_of) ? withoutSpace(loose) : loose
  }
  const zones = plan.zones.map((zone) => ({
    ...zone,
    rows: zone.rows.map((row) => ({ ...row, seats: row.seats.filter((seat) => !ids.has(seat.id)).map(kept) })).filter((row) => row.seats.length),
  }))
  return { ...plan, zones }
}

/** The chosen seats of each row are numbered anew, row by row; ids stay. */
export function renumber(plan: Plan, ids: Ids, numbering: Numbering): Plan {
  return eachRow(plan, (row) => {
    const chosen = row.seats.filter((seat) => ids.has(seat.id))
    const labels = new Map(numbers(chosen.length, numbering).map((label, i) => [chosen[i]!.id, label]))
    return { ...row, seats: row.seats.map((seat) => ({ ...seat, label: labels.get(seat.id) ?? seat.label })) }
  })
}

export const renameRows = (plan: Plan, ids: Ids, first: string): Plan => {
  let n = 0
  return eachRow(plan, (row) => (row.seats.some((seat) => ids.has(seat.id)) ? { ...row, label: rowLabel(first, n++) } : row))
}

function eachRow(plan: Plan, change: (row: Row) => Row): Plan {
  return { ...plan, zones: plan.zones.map((zone) => ({ ...zone, rows: zone.rows.map(change) })) }
}

/** The rows that the chosen seats are in, left to right: about their common middle. Who sat left sits right. */
export function mirror(plan: Plan, ids: Ids): Plan {
  const rows = plan.zones.flatMap((zone) => zone.rows.filter((row) => row.seats.some((seat) => ids.has(seat.id))))
  const xs = rows.flatMap((row) => row.seats.map((seat) => seat.x))
  if (!xs.length) return plan
  const twice = Math.min(...xs) + Math.max(...xs)
  const turned = new Set(rows)
  return eachRow(plan, (row) => {
    if (!turned.has(row)) return row
    const seats = row.seats.map((seat) => tidy({ ...seat, x: twice - seat.x, left: seat.right, right: seat.left }))
    return { ...row, seats: seats.reverse() }
  })
}

/** Between two seats that follow each other in a row: an aisle where there was none, none where there was one. Null: no such pair. */
export function aisle(plan: Plan, ids: Ids): Plan | null {
  let done = false
  const changed = eachRow(plan, (row) => {
    const at = row.seats.findIndex((seat, i) => ids.has(seat.id) && ids.has(row.seats[i + 1]?.id ?? ''))
    if (at < 0 || done) return row
    done = true
    const [one, other] = [row.seats[at]!, row.seats[at + 1]!]
    const joined = one.right === other.id
    const seats = [...row.seats]
    seats[at] = tidy({ ...one, right: joined ? undefined : other.id })
    seats[at + 1] = tidy({ ...other, left: joined ? undefined : one.id })
    return { ...row, seats }
  })
  return done && ids.size === 2 ? changed : null
}

/** Rows of seats below everything that is there, side by side without aisle. */
export function addBlock(plan: Plan, block: Block): { plan: Plan; added: string[] } {
  const taken = new Set(plan.zones.flatMap((zone) => zone.rows.flatMap((row) => row.seats.map((seat) => seat.id))))
  const known = plan.zones.find((zone) => zone.id === block.zone)
  const zone: Zone = known ?? { id: freeId(new Set(plan.zones.map((each) => each.id)), 'z'), name: block.zone, rows: [] }
  const ys = plan.zones.flatMap((each) => each.rows.flatMap((row) => row.seats.map((seat) => seat.y)))
  const top = (ys.length ? Math.max(...ys) : plan.focus[1] + 100) + block.rowPitch + block.curve
  const half = ((block.seats - 1) * block.pitch) / 2
  const middle = Math.max(half, Math.min(plan.focus[0], MAX_SIZE - half))
  const added: string[] = []
  const rows: Row[] = Array.from({ length: block.rows }, (_, r) => {
    const label = rowLabel(block.firstRow, r)
    const labels = numbers(block.seats, block.numbering)
    const ids = labels.map((number) => {
      const id = freeName(taken, `${zone.id}-${label}-${number}`)
      taken.add(id)
      added.push(id)
      return id
    })
    const seats = labels.map((number, i): Seat => {
      const off = half ? (i * block.pitch - half) / half : 0
      return tidy({
        id: ids[i]!, label: number, x: Math.round(middle - half + i * block.pitch),
        y: Math.min(MAX_SIZE, Math.round(top + r * block.rowPitch - block.curve * off * off)), category: block.category,
        left: ids[i - 1], right: ids[i + 1], quality: Math.min(65_535, 1 + taken.size),
      })
    })
    return { label, seats }
  })
  const zones = known
    ? plan.zones.map((each) => (each === known ? { ...each, rows: [...each.rows, ...rows] } : each))
    : [...plan.zones, { ...zone, rows }]
  return { plan: onPaper({ ...plan, zones }), added }
}

export function saveCategory(plan: Plan, category: Category): Plan {
  const known = plan.categories.some((each) => each.code === category.code)
  return { ...plan, categories: known ? plan.categories.map((each) => (each.code === category.code ? category : each)) : [...plan.categories, category] }
}

export const renameZone = (plan: Plan, id: string, name: string): Plan => ({ ...plan, zones: plan.zones.map((zone) => (zone.id === id ? { ...zone, name } : zone)) })

export const rename = (plan: Plan, name: string): Plan => ({ ...plan, name })

const freeName = (taken: ReadonlySet<string>, name: string): string => (taken.has(name) ? freeName(taken, `${name}b`) : name)

function freeId(taken: ReadonlySet<string>, head: string): string {
  for (let n = 1; ; n++) if (!taken.has(`${head}${n}`)) return `${head}${n}`
}
