import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { DatasetReport } from '../../../src/protocol/dataset-report';
import { checkConfig } from '../../../src/run/check-config';
import { datasetReportFile, readDatasetReport, writeDatasetReport } from '../../../src/run/dataset-reports';

const folder = mkdtempSync(join(tmpdir(), 'distill-reports-'));
process.env.DISTILL_CACHE = join(folder, 'cache');
after(() => rmSync(folder, { recursive: true, force: true }));

const root = join(folder, 'data');
for (const part of ['images/train', 'images/val', 'labels/train', 'labels/val'])
  mkdirSync(join(root, part), { recursive: true });
writeFileSync(join(root, 'classes.json'), '[]');

const clean: DatasetReport = {
  version: 1,
  kind: 'folder',
  root,
  folder: root,
  title: 'Folder of images and index PNGs',
  classes: [],
  splits: [],
  problems: [],
  counts: { 'label-without-image': 2 },
  unusable: null,
  full: true,
  checkedAt: Date.UTC(2026, 10, 22),
  ms: 5,
};
const file = join(root, 'labels/train/b.png');
const problem = {
  code: 'dataset-label' as const,
  split: 'train' as const,
  id: 'b',
  file,
  what: 'Not class ids.',
  remedy: '',
};

const said = (more = {}) =>
  checkConfig(
    JSON.stringify({ dataset: { kind: 'folder', root: 'data', ...more } }),
    join(folder, 'a.distill.json'),
  )
    .problems.map(({ severity, message, fixes }) => ({ severity, message, fixes }))
    .filter(({ message }) => message.includes('check of'));

test('a configuration says what the last check of its dataset found, with a way on', () => {
  assert.deepEqual(said(), []);
  writeDatasetReport(clean);
  assert.deepEqual(said(), [], 'a label map without image hinders nobody');
  writeDatasetReport({ ...clean, problems: [problem], counts: { 'dataset-label': 3 } });
  const [found, ...more] = said();
  assert.deepEqual(more, []);
  assert.equal(found!.severity, 'warning');
  assert.ok(
    found!.message.startsWith(`The check of 2026-11-22 found 3 problems in this dataset, first ${file}: `),
  );
  assert.deepEqual(found!.fixes, [{ kind: 'set', path: ['dataset', 'onProblem'], value: 'skip' }]);
  assert.deepEqual(said({ onProblem: 'skip' }), [], 'that is what was chosen');
  assert.deepEqual(said({ kind: 'camvid' }), [], 'read as another kind it is another dataset');
});

test('a dataset of which nothing can be used is said to be so, whatever was chosen', () => {
  writeDatasetReport({ ...clean, unusable: 'The val split has no usable image.' });
  assert.match(said({ onProblem: 'skip' })[0]!.message, /The val split has no usable image/);
});

test('a report that cannot be read is none', () => {
  writeDatasetReport(clean);
  assert.deepEqual(readDatasetReport({ kind: 'folder', root }), clean);
  for (const text of ['{', '{"version":2}']) {
    writeFileSync(datasetReportFile({ kind: 'folder', root }), text);
    assert.equal(readDatasetReport({ kind: 'folder', root }), undefined);
  }
});
