import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withSection } from '../../../bench/document';
import { rowNames, select } from '../../../bench/select';
import { FILES, readStudio } from '../../../bench/store';
import { amount, type StudioResult, studioMarkdown, studioResultSchema } from '../../../bench/studio/results';
import { studioRows } from '../../../bench/studio/rows';
import { evaluationEvent, simulateRun, stepEvent, TERMS } from '../../../bench/studio/simulated-run';
import { writeSimulatedSample } from '../../../bench/studio/simulated-sample';
import { RunReader } from '../../../src/run/run-reader';
import { findSample, readSample } from '../../../src/run/samples';

const root = join(__dirname, '..', '..', '..');
const workspace = mkdtempSync(join(tmpdir(), 'distill-studio-'));
after(() => rmSync(workspace, { recursive: true, force: true }));

const result = (name: string, values: number[]): StudioResult => ({
  name,
  machine: 'Some processor, 2 processors, 8 GiB, Linux 6.1',
  versions: { vscode: '1.100.0' },
  values,
});

test('measurements come to the middle one, to what 95 of 100 stay below, to growth', () => {
  assert.equal(amount([9, 1, 5], 'median'), 5);
  assert.equal(amount([...Array(99).fill(2), 100], 'p95'), 2);
  assert.equal(amount([...Array(90).fill(2), ...Array(10).fill(100)], 'p95'), 100);
  assert.equal(amount([4.2], 'value'), 4.2);
  // Ten tenths of four: the first does not count, nor does a single peak.
  const tenths = (...each: number[]) => each.flatMap((mib) => [mib, mib, mib, mib]);
  assert.equal(amount(tenths(300, 100, 101, 102, 101, 100, 99, 105, 102, 101), 'growth'), 5);
  assert.equal(amount([...tenths(100, 100, 90, 90, 90, 90, 90, 90, 90, 90), 90], 'growth'), 0);
  const peak = tenths(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
  peak[30] = 500;
  assert.equal(amount(peak, 'growth'), 0);
  assert.throws(() => amount([1, 2], 'growth'), RangeError);
});

test('the document shows each row with its number, its target and whether that is met', () => {
  const text = studioMarkdown([result('activation', [39, 41, 44]), result('vsix', [4.25])]);
  assert.match(text, /`activation` +\| 41 ms \(median\) +\| 3 +\| <= 40 ms +\| not met/);
  assert.match(text, /`vsix` +\| 4\.3 MB +\| 1 +\| <= 6 MB +\| met/);
  assert.match(text, /vscode 1\.100\.0/);
  assert.equal(studioResultSchema.safeParse(result('vsix', [])).success, false);
});

test('the results in the repository are the ones that were measured: the document follows from them', () => {
  const results = readStudio(root);
  if (results.length === 0) return;
  const document = readFileSync(join(root, FILES.document), 'utf8');
  assert.equal(withSection(document, 'studio', studioMarkdown(results)), document);
  for (const { name } of results) assert.ok(studioRows.some((row) => row.name === name));
});

test('rows of all kinds are chosen by their names', () => {
  const all = select(undefined, undefined);
  assert.equal(all.steps.length + all.input.length + all.studio.length, rowNames.length + 1);
  const some = select(['vsix', 'input-stall'], undefined);
  assert.deepEqual(
    [some.steps, some.input, some.studio].map((rows) => rows.map(({ name }) => name)),
    [[], ['input-stall'], ['vsix']],
  );
  const engine = select(undefined, 'wasm');
  assert.deepEqual([engine.input, engine.studio], [[], []]);
  assert.throws(() => select(['vsix', 'no-row'], undefined), /no-row.*student-step-128.*vsix/);
});

test('a simulated run is one for everybody who reads runs', async () => {
  const { folder, journal } = simulateRun(workspace, 'simulated', 3, 10);
  for (let step = 1; step <= 10; step++) journal.append(stepEvent(step, 10, TERMS.length, step));
  journal.append(evaluationEvent(10, 10, 10));
  journal.append(writeSimulatedSample(folder, { id: 'street', step: 10, width: 190, height: 40 }));
  journal.close();
  const reader = await RunReader.open(folder);
  assert.equal(reader.damagedLines, 0);
  assert.equal(reader.events.length, 13);
  const summary = reader.summary();
  assert.equal(summary.status, 'finished');
  assert.equal(summary.step, 10);
  const sample = findSample(reader.events, { stage: 'student', step: 10, id: 'street' });
  const layers = await readSample(folder, sample!);
  assert.equal(layers.length, 9);
  const label = new Uint8Array(layers.find(({ name }) => name === 'label')!.data);
  assert.equal(new Set(label).size, 20, 'every class, and pixels of none');
});
