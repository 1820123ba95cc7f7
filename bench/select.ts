import { type InputRow, inputRows } from './input/rows';
import { type RowPlan, rows, selectRows } from './rows';
import { type StudioRow, studioRows } from './studio/rows';

export interface Selection {
  steps: readonly RowPlan[];
  input: readonly InputRow[];
  studio: readonly StudioRow[];
}

/** The names of all rows, each once. */
export const rowNames: readonly string[] = [
  ...new Set([...rows, ...inputRows, ...studioRows].map(({ name }) => name)),
];

/**
 * The rows asked for. Rows of an engine have no input and no studio among them.
 * Errors: a name or an engine that there is not.
 */
export function select(only: readonly string[] | undefined, engine: string | undefined): Selection {
  const unknown = only?.find((name) => !rowNames.includes(name));
  if (unknown !== undefined)
    throw new Error(`There is no row "${unknown}". There are: ${rowNames.join(', ')}.`);
  const among = <R extends { name: string }>(all: readonly R[]): readonly R[] =>
    only ? all.filter(({ name }) => only.includes(name)) : engine === undefined ? all : [];
  const steps = only?.filter((name) => rows.some((row) => row.name === name));
  return {
    steps: steps?.length === 0 ? [] : selectRows(steps, engine),
    input: among(inputRows),
    studio: among(studioRows),
  };
}
