import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { profilesMarkdown, resultsMarkdown, withSection } from './document';
import { type InputResult, inputMarkdown, inputResultSchema } from './input/results';
import { inputRows } from './input/rows';
import { type GroupedProfile, profileSchema } from './profile-groups';
import { type Detail, detailSchema, merged, rowOf } from './results';
import { rows } from './rows';
import { type StudioResult, studioMarkdown, studioResultSchema } from './studio/results';
import { studioRows } from './studio/rows';

/** Results and the document that shows them, relative to the root of the repository. */
export const FILES = {
  rows: 'bench/results/latest.json',
  details: 'bench/results/details.jsonl',
  profiles: 'bench/results/profiles.jsonl',
  input: 'bench/results/input.jsonl',
  studio: 'bench/results/studio.jsonl',
  document: 'docs/benchmarks.md',
} as const;

const root = join(__dirname, '..');

/** Puts a row into the files; other rows stay as they were. */
export function record(fresh: Detail): void {
  const details = merged(rows, readDetails(root), [fresh]);
  replace(FILES.details, lines(details));
  replace(FILES.rows, rowsFile(details));
  replace(FILES.document, withSection(read(root, FILES.document), 'results', resultsMarkdown(details)));
}

/** The same for a profile. */
export function recordProfile(fresh: GroupedProfile): void {
  const profiles = merged(rows, readProfiles(root), [fresh]);
  replace(FILES.profiles, lines(profiles));
  replace(FILES.document, withSection(read(root, FILES.document), 'profiles', profilesMarkdown(profiles)));
}

/** The same for a row of the input. */
export function recordInput(fresh: InputResult): void {
  const results = inOrder(inputRows, readInput(root), fresh);
  replace(FILES.input, lines(results));
  replace(FILES.document, withSection(read(root, FILES.document), 'input', inputMarkdown(results)));
}

/** The same for a row of the studio. */
export function recordStudio(fresh: StudioResult): void {
  const results = inOrder(studioRows, readStudio(root), fresh);
  replace(FILES.studio, lines(results));
  replace(FILES.document, withSection(read(root, FILES.document), 'studio', studioMarkdown(results)));
}

/** The results in the order of their rows, the fresh one in place of an earlier one of its row. */
function inOrder<R extends { name: string }>(
  plans: readonly { name: string }[],
  before: readonly R[],
  fresh: R,
): R[] {
  const all = [...before.filter(({ name }) => name !== fresh.name), fresh];
  const place = ({ name }: R) => plans.findIndex((plan) => plan.name === name);
  return all.sort((a, b) => place(a) - place(b));
}

/** Errors: a line that is no result. */
export function readDetails(folder: string): Detail[] {
  return entries(folder, FILES.details).map((entry) => detailSchema.parse(entry));
}

/** Errors: a line that is no profile. */
export function readProfiles(folder: string): GroupedProfile[] {
  return entries(folder, FILES.profiles).map((entry) => profileSchema.parse(entry));
}

/** Errors: a line that is no result. */
export function readInput(folder: string): InputResult[] {
  return entries(folder, FILES.input).map((entry) => inputResultSchema.parse(entry));
}

/** Errors: a line that is no result. */
export function readStudio(folder: string): StudioResult[] {
  return entries(folder, FILES.studio).map((entry) => studioResultSchema.parse(entry));
}

export function rowsFile(details: readonly Detail[]): string {
  return `${JSON.stringify(details.map(rowOf), null, 2)}\n`;
}

function lines(values: readonly object[]): string {
  return values.map((value) => `${JSON.stringify(value)}\n`).join('');
}

function entries(folder: string, file: string): unknown[] {
  if (!existsSync(join(folder, file))) return [];
  const filled = read(folder, file)
    .split('\n')
    .filter((line) => line !== '');
  return filled.map((line) => JSON.parse(line));
}

function read(folder: string, file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

function replace(file: string, text: string): void {
  const path = join(root, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}
