import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resultsMarkdown, withResults } from './document';
import { type Detail, detailSchema, merged, rowOf } from './results';
import { rows } from './rows';

/** Results and the document that shows them, relative to the root of the repository. */
export const FILES = {
  rows: 'bench/results/latest.json',
  details: 'bench/results/details.jsonl',
  document: 'docs/benchmarks.md',
} as const;

const root = join(__dirname, '..');

/** Puts a row into the files; other rows stay as they were. */
export function record(fresh: Detail): void {
  const details = merged(rows, readDetails(root), [fresh]);
  replace(FILES.details, details.map((detail) => `${JSON.stringify(detail)}\n`).join(''));
  replace(FILES.rows, rowsFile(details));
  replace(FILES.document, withResults(read(root, FILES.document), resultsMarkdown(details)));
}

/** Errors: a line that is no result. */
export function readDetails(folder: string): Detail[] {
  if (!existsSync(join(folder, FILES.details))) return [];
  const lines = read(folder, FILES.details).split('\n');
  return lines.filter((line) => line !== '').map((line) => detailSchema.parse(JSON.parse(line)));
}

export function rowsFile(details: readonly Detail[]): string {
  return `${JSON.stringify(details.map(rowOf), null, 2)}\n`;
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function replace(file: string, text: string): void {
  const path = join(root, file);
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
