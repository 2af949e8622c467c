/** Keys of a keyboard that do something at the till (C7): how they are named, and which may be given a task. */

export interface Pressed {
  code: string
  key: string
  ctrlKey: boolean
  altKey: boolean
  shiftKey: boolean
  metaKey: boolean
}

/** "F5", "Ctrl+Alt+KeyP": the place of the key, or its name where a programmed key has no place. */
export function codeOf(event: Pressed): string {
  const held = [event.ctrlKey && 'Ctrl', event.altKey && 'Alt', event.shiftKey && 'Shift'].filter(Boolean)
  return [...held, event.code || event.key].join('+')
}

// What people type with, move with, or leave a window with is never given away: amounts, readers and screen readers need it.
const KEPT = new Set(['Enter', 'Tab', 'Escape', 'Backspace', 'Delete', 'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'Home', 'End', 'PageUp', 'PageDown', ' '])
const MODIFIERS = new Set(['Shift', 'Control', 'Alt', 'AltGraph', 'Meta', 'CapsLock', 'NumLock', 'ScrollLock', 'Dead', 'Unidentified', 'Process'])

/** Whether this key may be given a task: a function key, or any with Ctrl or Alt. */
export function learnable(event: Pressed): boolean {
  if (event.metaKey || MODIFIERS.has(event.key)) return false
  if (event.ctrlKey || event.altKey) return !KEPT.has(event.key)
  return event.key.length > 1 && !KEPT.has(event.key)
}
