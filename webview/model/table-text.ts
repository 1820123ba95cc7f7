/** Tables as text, for other programs. */

export interface TextTable {
  heads: readonly string[];
  rows: readonly (readonly (string | number | null | undefined)[])[];
}

/**
 * RFC 4180, with a line end of its own. What a spreadsheet would take for a formula is quoted with an apostrophe: names
 * of runs come from anywhere.
 */
export function csv({ heads, rows }: TextTable): string {
  const cell = (value: string | number | null | undefined): string => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'number') return String(value);
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [heads, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

/** One object per row; a value that is not there is null. */
export function json({ heads, rows }: TextTable): string {
  const objects = rows.map((row) => Object.fromEntries(heads.map((head, i) => [head, row[i] ?? null])));
  return `${JSON.stringify(objects, null, 2)}\n`;
}
