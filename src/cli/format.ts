/** Milliseconds for people: `45 s`, `2 min 05 s`, `3 h 07 min`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, '0');
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}

/** A share in [0,1] as `41.2 %`; `-` for what has not been measured. */
export function percent(share: number | null | undefined): string {
  return share === undefined || share === null ? '-' : `${(100 * share).toFixed(1)} %`;
}

/** A table for a terminal: columns as wide as they need to be, numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const numeric = header.map((_, column) => rows.every((row) => /^[\d.,:/ %-]*$/.test(row[column]!)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (numeric[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(header), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.map(line)].join('\n');
}

/** Where a result was not made as published: lines below it, none if there is nothing to tell. */
export function deviationLines(deviations: readonly string[]): string[] {
  if (deviations.length === 0) return [];
  return ['', 'Differs from the published setting:', ...deviations.map((text) => `- ${text}`)];
}
