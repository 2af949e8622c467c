/** Seats by where they are: a grid of square cells, each with its seats side by side in one array. */

export interface Grid {
  cell: number // centimetres
  columns: number
  lines: number
  start: Uint32Array // where each cell's seats begin in the arrays below
  seats: Uint32Array // indices
  x: Uint16Array // positions in the same order, so that drawing reads memory in order
  y: Uint16Array
}

export function gridOf(x: Uint16Array, y: Uint16Array, cell: number): Grid {
  let [widest, lowest] = [0, 0]
  for (let i = 0; i < x.length; i++) {
    if (x[i]! > widest) widest = x[i]!
    if (y[i]! > lowest) lowest = y[i]!
  }
  const columns = Math.floor(widest / cell) + 1
  const lines = Math.floor(lowest / cell) + 1
  const start = new Uint32Array(columns * lines + 1)
  const cellOf = (i: number) => Math.floor(y[i]! / cell) * columns + Math.floor(x[i]! / cell)
  for (let i = 0; i < x.length; i++) start[cellOf(i) + 1]! += 1
  for (let at = 1; at < start.length; at++) start[at]! += start[at - 1]!
  const next = start.slice()
  const grid = { cell, columns, lines, start, seats: new Uint32Array(x.length), x: new Uint16Array(x.length), y: new Uint16Array(x.length) }
  for (let i = 0; i < x.length; i++) {
    const at = next[cellOf(i)]!++
    grid.seats[at] = i
    grid.x[at] = x[i]!
    grid.y[at] = y[i]!
  }
  return grid
}

/** Visit the runs of the grid's arrays that lie in the cells of a box: a few seats around it come along. */
export function runs(grid: Grid, left: number, top: number, right: number, bottom: number, visit: (from: number, to: number) => void): void {
  const first = Math.max(0, Math.floor(left / grid.cell))
  const last = Math.min(grid.columns - 1, Math.floor(right / grid.cell))
  const lowest = Math.min(grid.lines - 1, Math.floor(bottom / grid.cell))
  if (last < first) return
  for (let line = Math.max(0, Math.floor(top / grid.cell)); line <= lowest; line++) {
    const from = grid.start[line * grid.columns + first]!
    const to = grid.start[line * grid.columns + last + 1]!
    if (to > from) visit(from, to)
  }
}

/** Index of the nearest seat within reach (centimetres), -1 when there is none. */
export function nearest(grid: Grid, x: number, y: number, reach: number, wanted: (i: number) => boolean = () => true): number {
  let [found, best] = [-1, reach * reach]
  runs(grid, x - reach, y - reach, x + reach, y + reach, (from, to) => {
    for (let at = from; at < to; at++) {
      const distance = (grid.x[at]! - x) ** 2 + (grid.y[at]! - y) ** 2
      if (distance <= best && wanted(grid.seats[at]!)) [found, best] = [grid.seats[at]!, distance]
    }
  })
  return found
}

/** Every seat in a box, by rising index. */
export function inside(grid: Grid, left: number, top: number, right: number, bottom: number): number[] {
  const found: number[] = []
  runs(grid, left, top, right, bottom, (from, to) => {
    for (let at = from; at < to; at++) {
      if (grid.x[at]! >= left && grid.x[at]! <= right && grid.y[at]! >= top && grid.y[at]! <= bottom) found.push(grid.seats[at]!)
    }
  })
  return found.sort((a, b) => a - b)
}
