import { expect, it } from 'vitest'
import { labelAt, surrounded, zoneAt } from './hall'
import { roundHall, smallHall } from './house.fixture'

it('a plan made ready knows both neighbours, the row and the zone of a seat', () => {
  const hall = smallHall()
  expect([hall.left[0], hall.left[1], hall.left[5], hall.left[17]]).toEqual([-1, 0, -1, 16])
  expect([labelAt(hall, 9), hall.rows[hall.rowOf[9]!]!.label, hall.zones[zoneAt(hall, 17)]!.name]).toEqual(['2', 'B', 'Loges'])
})

it('a seat is as wide as neighbours stand apart', () => {
  expect(smallHall().pitch).toBe(50)
})

it('everything that is drawn lies within the bounds, the stage too', () => {
  const { bounds, x, y, focus } = smallHall()
  for (const at of [...x]) expect(at > bounds.left && at < bounds.right).toBe(true)
  for (const at of [...y, focus[1]]) expect(at > bounds.top && at < bounds.bottom).toBe(true)
})

it('a stadium surrounds what is looked at, a theatre lies before it', () => {
  expect([surrounded(roundHall(3000)), surrounded(smallHall())]).toEqual([true, false])
})
