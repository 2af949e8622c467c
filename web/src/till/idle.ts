/** Calls `lock` once nobody has touched the page for the minutes that `after` says; 0 is never. Answers how to stop. */
export function watchIdle(after: () => number, lock: () => void): () => void {
  let touched = Date.now()
  const touch = () => (touched = Date.now())
  const events = ['pointerdown', 'keydown', 'wheel'] as const
  for (const event of events) addEventListener(event, touch, { capture: true, passive: true })
  const timer = setInterval(() => {
    const minutes = after()
    if (minutes <= 0 || Date.now() - touched < minutes * 60_000) return
    touch()
    lock()
  }, 1000)
  return () => {
    clearInterval(timer)
    for (const event of events) removeEventListener(event, touch, { capture: true })
  }
}
