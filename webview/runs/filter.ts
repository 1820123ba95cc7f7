import type { RunRow } from '../../src/protocol/runs-panel';
import type { Cell, Column } from './columns';

/**
 * What the field above a column may say: words that the cell contains; `!words`; `=text`; for numbers `>0.5`, `<=3`,
 * `0.2..0.7`, as they are shown (mIoU in percent). Empty: everything.
 */
export type Test = (value: Cell, shown: string) => boolean;

const comparison = /^(>=|<=|>|<|=|!=?)\s*(.*)$/;
const span = /^(-?[\d.]+)\s*\.\.\s*(-?[\d.]+)$/;

export function parseFilter(query: string): Test | undefined {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return undefined;
  const range = span.exec(wanted);
  if (range) {
    const [low, high] = [Number(range[1]), Number(range[2])];
    return (value, shown) => {
      const n = numberOf(value, shown);
      return n !== undefined && n >= low && n <= high;
    };
  }
  const [, operator, operand = ''] = comparison.exec(wanted) ?? [];
  // Still being typed.
  if (operator !== undefined && operand === '') return undefined;
  const limit = Number(operand);
  switch (operator) {
    case '>':
    case '>=':
    case '<':
    case '<=':
      if (Number.isNaN(limit)) return () => false;
      return (value, shown) => {
        const n = numberOf(value, shown);
        if (n === undefined) return false;
        if (operator === '>') return n > limit;
        if (operator === '>=') return n >= limit;
        return operator === '<' ? n < limit : n <= limit;
      };
    case '=':
      return (_value, shown) => shown.toLowerCase() === operand;
    case '!':
    case '!=':
      return (_value, shown) => !shown.toLowerCase().includes(operand);
    default:
      return (_value, shown) => shown.toLowerCase().includes(wanted);
  }
}

/** The number a cell shows: a fraction that is shown in percent counts as percent. */
function numberOf(value: Cell, shown: string): number | undefined {
  if (typeof value !== 'number') return undefined;
  const read = Number(/^-?[\d.]+$/.test(shown) ? shown : Number.NaN);
  return Number.isNaN(read) ? value : read;
}

export interface Query {
  /** Words that any of the columns must contain, all of them. */
  words: string;
  /** By column id. */
  filters: Readonly<Record<string, string>>;
  archived: boolean;
  sort: { column: string; down: boolean };
}

/** The runs that fit, in order. Cells without a value come last whichever way it is sorted. */
export function select(rows: readonly RunRow[], columns: readonly Column[], query: Query): RunRow[] {
  const tests = columns.flatMap((column) => {
    const test = parseFilter(query.filters[column.id] ?? '');
    return test ? [{ column, test }] : [];
  });
  const words = query.words.toLowerCase().split(/\s+/).filter(Boolean);
  const found = rows.filter((row) => {
    if (row.summary.archived && !query.archived) return false;
    for (const { column, test } of tests) {
      const value = column.value(row);
      if (!test(value, column.text(value))) return false;
    }
    if (words.length === 0) return true;
    const all = textOf(row, columns);
    return words.every((word) => all.includes(word));
  });
  const by = columns.find(({ id }) => id === query.sort.column);
  if (!by) return found;
  const sign = query.sort.down ? -1 : 1;
  return found
    .map((row) => ({ row, value: by.value(row) }))
    .sort((a, b) => {
      if (a.value === undefined || b.value === undefined)
        return Number(a.value === undefined) - Number(b.value === undefined);
      return sign * compare(a.value, b.value);
    })
    .map(({ row }) => row);
}

/** Everything a row says, in small letters. A row is replaced when it changes, so this is made once. */
function textOf(row: RunRow, columns: readonly Column[]): string {
  let text = texts.get(row);
  if (text === undefined) {
    text = columns
      .map((column) => column.text(column.value(row)))
      .join('\n')
      .toLowerCase();
    texts.set(row, text);
  }
  return text;
}
const texts = new WeakMap<RunRow, string>();

function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return collator.compare(String(a), String(b));
}
const collator = new Intl.Collator(undefined, { numeric: true });
