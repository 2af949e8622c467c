import { describe, expect, it } from 'vitest'
import { shiftDay, shiftMonth, weekOf, weeksOf } from './calendar'

describe('days of a calendar (A4)', () => {
  it('begins its weeks on Monday and touches the months beside', () => {
    const weeks = weeksOf('2026-12')
    expect(weeks).toHaveLength(5)
    expect(weeks[0]![0]).toBe('2026-11-30')
    expect(weeks.at(-1)!.at(-1)).toBe('2027-01-03')
    expect(weeks.every((week) => week.length === 7)).toBe(true)
  })

  it('has four weeks where a month is just that, and six where it must', () => {
    expect(weeksOf('2027-02')).toHaveLength(4)
    expect(weeksOf('2027-08')).toHaveLength(6)
  })

  it('steps over years and over the days when clocks change', () => {
    expect(shiftMonth('2026-12', 1)).toBe('2027-01')
    expect(shiftMonth('2026-01', -1)).toBe('2025-12')
    expect(shiftDay('2026-10-24', 2)).toBe('2026-10-26')
    expect(weekOf('2026-03-29')).toContain('2026-03-23')
  })
})
