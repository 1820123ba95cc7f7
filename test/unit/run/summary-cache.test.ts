import assert from 'node:assert/strict';
import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { configSchema } from '../../../src/protocol/config';
import { flattenConfig } from '../../../src/run/flat-config';
import { JournalWriter } from '../../../src/run/journal';
import { RunLockHolder } from '../../../src/run/lock';
import { writeManifest } from '../../../src/run/manifest';
import { updateNotes } from '../../../src/run/notes';
import { createRunFolder } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { SummaryCache, stampOf } from '../../../src/run/summary-cache';
import { evaluation, manifestOf, temporaryFolder } from './fixtures';

async function keptRun() {
  const workspace = temporaryFolder();
  const file = join(workspace, 'storage', 'runs.json');
  const { id, folder } = createRunFolder(workspace, 'a');
  writeManifest(folder, manifestOf(id, { status: 'finished' }));
  const reader = await RunReader.open(folder);
  const cache = new SummaryCache(file, '1');
  const run = { summary: reader.summary(), configFile: '/a', config: flattenConfig(reader.manifest.config) };
  cache.set(folder, stampOf(folder), run);
  cache.save(new Set([folder]));
  return { file, folder, run };
}

test('what is kept comes back, for the same version alone', async () => {
  const { file, folder, run } = await keptRun();
  assert.deepEqual(new SummaryCache(file, '1').get(folder), JSON.parse(JSON.stringify(run)));
  assert.equal(new SummaryCache(file, '2').get(folder), undefined);
  writeFileSync(file, '{');
  assert.equal(new SummaryCache(file, '1').get(folder), undefined);
});

test('a run of which anything changed is read anew', async () => {
  const changes: Record<string, (folder: string) => unknown> = {
    notes: (folder) => updateNotes(folder, { starred: true }),
    journal: (folder) => {
      const journal = new JournalWriter(folder);
      journal.append(evaluation(1, 'student', 0.5));
      journal.close();
    },
    manifest: (folder) => utimesSync(join(folder, 'run.json'), 1, 1),
    lock: (folder) => RunLockHolder.acquire(folder),
  };
  for (const [name, change] of Object.entries(changes)) {
    const { file, folder } = await keptRun();
    assert.ok(new SummaryCache(file, '1').get(folder));
    change(folder);
    assert.equal(new SummaryCache(file, '1').get(folder), undefined, name);
  }
});

test('runs that are gone are forgotten', async () => {
  const { file, folder } = await keptRun();
  new SummaryCache(file, '1').save(new Set());
  assert.equal(new SummaryCache(file, '1').get(folder), undefined);
});

test('a configuration becomes one value per path, methods under their kinds', () => {
  const flat = flattenConfig(
    configSchema.parse({
      dataset: { kind: 'sample' },
      methods: [{ kind: 'rdd', warmup: 0.2 }, { kind: 'cwd' }],
      training: { crop: [64, 32] },
    }),
  );
  assert.equal(flat['rdd.warmup'], 0.2);
  assert.equal(flat['rdd.tse.threshold'], 0.7);
  assert.equal(flat['cwd.weight'], 3);
  assert.equal(flat['training.crop'], '64, 32');
  assert.equal(flat['dataset.kind'], 'sample');
  assert.ok(!('methods' in flat) && !('name' in flat));
});
