import { describe, expect, it } from 'vitest'
import { codeOf, learnable, type Pressed } from './keyboard'

const press = (key: string, other: Partial<Pressed> = {}): Pressed => ({ key, code: key, ctrlKey: false, altKey: false, shiftKey: false, metaKey: false, ...other })

describe('keys of the keyboard (C7)', () => {
  it('are named by their place, after what is held', () => {
    expect(codeOf(press('F5'))).toBe('F5')
    expect(codeOf(press('p', { code: 'KeyP', ctrlKey: true, altKey: true }))).toBe('Ctrl+Alt+KeyP')
    expect(codeOf(press('F13', { code: '', shiftKey: true }))).toBe('Shift+F13')
  })

  it('may be function keys, or any with Ctrl or Alt', () => {
    for (const one of [press('F1'), press('F24'), press('Insert'), press('p', { ctrlKey: true }), press('1', { altKey: true })]) expect(learnable(one)).toBe(true)
  })

  it('are never those that people or readers type with', () => {
    for (const one of [press('a'), press('7'), press('Enter'), press('Escape'), press('ArrowUp'), press('Shift'), press('Enter', { ctrlKey: true }), press('F5', { metaKey: true }), press('A', { shiftKey: true })]) expect(learnable(one)).toBe(false)
  })
})
