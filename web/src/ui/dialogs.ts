/** Whether keys are meant for what holds this element: no dialog is open above it. */
export function isOnTop(element: Element): boolean {
  const top = [...document.querySelectorAll('dialog:modal')].at(-1) // sheets stand in the page in the order in which they open
  return !top || top.contains(element)
}
