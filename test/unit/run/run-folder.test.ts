import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readManifest, updateManifest, writeManifest } from '../../../src/run/manifest';
import {
  createRunFolder,
  findRunFolder,
  forgetRequests,
  isRequested,
  listRunFolders,
  makeRequest,
  runsFolder,
  withdrawRequest,
} from '../../../src/run/run-folder';
import { manifestOf, temporaryFolder } from './fixtures';

const noon = new Date(2026, 10, 22, 3, 15, 0);

test('a run is named after its time and its configuration, and never takes a folder that is there', () => {
  const workspace = temporaryFolder();
  const ids = [1, 2, 3].map(() => createRunFolder(workspace, 'LAD camvid/é', noon).id);
  assert.deepEqual(ids, [
    '20261122-031500-lad-camvid',
    '20261122-031500-lad-camvid-2',
    '20261122-031500-lad-camvid-3',
  ]);
  assert.equal(createRunFolder(workspace, '../..', noon).id, '20261122-031500-run');
});

test('only folders with a manifest are runs, newest first', () => {
  const workspace = temporaryFolder();
  assert.deepEqual(listRunFolders(workspace), []);
  const older = createRunFolder(workspace, 'a', new Date(2025, 0, 1));
  const newer = createRunFolder(workspace, 'b', noon);
  createRunFolder(workspace, 'unfinished', noon);
  writeFileSync(join(runsFolder(workspace), 'note.txt'), '');
  for (const { id, folder } of [older, newer]) writeManifest(folder, manifestOf(id));
  assert.deepEqual(listRunFolders(workspace), [newer.folder, older.folder]);
});

test('a run is found by path, by id and by the unambiguous end of an id', () => {
  const workspace = temporaryFolder();
  const runs = ['lad', 'rdd'].map((name) => createRunFolder(workspace, name, noon));
  for (const { id, folder } of runs) writeManifest(folder, manifestOf(id));
  const [lad] = runs;
  for (const reference of [lad!.folder, lad!.id, 'lad'])
    assert.equal(findRunFolder(workspace, reference), lad!.folder);
  assert.throws(() => findRunFolder(workspace, '2026'), { code: 'run-missing', message: /several runs/ });
  assert.throws(() => findRunFolder(workspace, 'kd'), { code: 'run-missing', message: /distill runs/ });
  assert.throws(() => findRunFolder(temporaryFolder(), 'kd'), { message: /--workspace/ });
});

test('requests are seen until they are taken back, each by itself, or all are forgotten', () => {
  const { folder } = createRunFolder(temporaryFolder(), 'a');
  const asked = () => (['stop', 'pause'] as const).filter((kind) => isRequested(folder, kind));
  assert.deepEqual(asked(), []);
  makeRequest(folder, 'stop');
  makeRequest(folder, 'pause');
  assert.deepEqual(asked(), ['stop', 'pause']);
  withdrawRequest(folder, 'pause');
  assert.deepEqual(asked(), ['stop']);
  makeRequest(folder, 'pause');
  forgetRequests(folder);
  assert.deepEqual(asked(), []);
});

test('a manifest comes back as it was, and a change keeps the rest', () => {
  const { id, folder } = createRunFolder(temporaryFolder(), 'a');
  writeManifest(folder, manifestOf(id));
  assert.deepEqual(readManifest(folder), manifestOf(id));
  updateManifest(folder, { status: 'failed', error: 'out of paint' });
  assert.deepEqual(readManifest(folder), manifestOf(id, { status: 'failed', error: 'out of paint' }));
});

test('a missing or broken manifest is named with a remedy', () => {
  const folder = temporaryFolder();
  assert.throws(() => readManifest(folder), { code: 'run-missing', message: /run\.json: .*\.distill\/runs/ });
  const broken: [string, RegExp][] = [
    ['{"version":1,', /not valid JSON/],
    ['{"version":2}', /version/],
    [JSON.stringify(manifestOf('../x')), /id: /],
  ];
  for (const [text, message] of broken) {
    writeFileSync(join(folder, 'run.json'), text);
    assert.throws(() => readManifest(folder), { code: 'run-broken', message });
    assert.equal(readFileSync(join(folder, 'run.json'), 'utf8'), text);
  }
});

test('a workspace that cannot be written to is named', () => {
  const workspace = temporaryFolder();
  writeFileSync(join(workspace, '.distill'), 'a file where the folder should be');
  assert.throws(
    () => createRunFolder(workspace, 'a'),
    (error: Error & { code: string; where: string }) =>
      error.code === 'io' && error.where.startsWith(workspace),
  );
});
