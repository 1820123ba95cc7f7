/**
 * Columns for a grid of panes so that rows are filled evenly: seven panes where six would fit stand as four and three.
 * @param width of the grid, @param smallest a pane may become, @param gap between panes; CSS pixels.
 */
export function balancedColumns(panes: number, width: number, smallest: number, gap: number): number {
  const most = Math.max(1, Math.floor((width + gap) / (smallest + gap)));
  const rows = Math.max(1, Math.ceil(panes / most));
  return Math.max(1, Math.ceil(panes / rows));
}

/** Wide pictures need wider panes to be as high. */
export function smallestPane(width: number, height: number): number {
  return Math.round(165 * Math.min(1.8, Math.max(1, Math.sqrt(width / height) * 1.1)));
}
