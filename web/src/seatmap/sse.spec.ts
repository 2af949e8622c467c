import { expect, it } from 'vitest'
import { reader } from './sse'

const TEXT = ': hello\n\nevent: seats\nid: 42\ndata: {"from":41,\ndata: "to":42}\n\n:\n\ndata: plain\r\n\r\n'
const MESSAGES = [{ event: 'seats', id: '42', data: '{"from":41,\n"to":42}' }, { event: 'message', id: '42', data: 'plain' }]

it('messages are read, comments are passed over', () => {
  expect(reader()(TEXT)).toEqual(MESSAGES)
})

it('it does not matter where the line is cut', () => {
  for (let cut = 1; cut < TEXT.length; cut++) {
    const read = reader()
    expect([...read(TEXT.slice(0, cut)), ...read(TEXT.slice(cut))]).toEqual(MESSAGES)
  }
})
