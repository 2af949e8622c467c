/** Days of a calendar (A4), as "2026-12-31": the venue's own days, so no clock and no zone is involved. */

const DAY_MS = 86_400_000
const at = (day: string): Date => new Date(`${day}T00:00:00Z`)
const iso = (date: Date): string => date.toISOString().slice(0, 10)

export const monthOf = (day: string): string => day.slice(0, 7)

export function shiftDay(day: string, days: number): string {
  return iso(new Date(at(day).getTime() + days * DAY_MS))
}

/** The same month some months later, as "2027-01". */
export function shiftMonth(month: string, months: number): string {
  const date = at(`${month}-01`)
  date.setUTCMonth(date.getUTCMonth() + months)
  return monthOf(iso(date))
}

/** The week of a day, Monday first. */
export function weekOf(day: string): string[] {
  const monday = shiftDay(day, -((at(day).getUTCDay() + 6) % 7))
  return Array.from({ length: 7 }, (_, n) => shiftDay(monday, n))
}

/** The weeks that a month touches, Monday first. */
export function weeksOf(month: string): string[][] {
  const weeks = [weekOf(`${month}-01`)]
  for (;;) {
    const next = shiftDay(weeks.at(-1)![0]!, 7)
    if (monthOf(next) !== month) return weeks
    weeks.push(weekOf(next))
  }
}
