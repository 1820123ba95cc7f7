import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readManifest, writeManifest } from '../../../src/run/manifest';
import { buildReport } from '../../../src/run/report/report';
import { createRunFolder } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { runTraining } from '../../../src/worker/run';
import { manifestOf, temporaryFolder } from './fixtures';

test('a run whose settings another version wrote is listed and reported, and not resumed', async () => {
  const workspace = temporaryFolder();
  const { id, folder } = createRunFolder(workspace, 'other');
  const manifest = manifestOf(id, { status: 'stopped' });
  const config = JSON.parse(JSON.stringify(manifest.config));
  config.methods = [{ kind: 'lad', cwd: { weight: 3, temperature: 4 } }, { kind: 'not-known-here' }];
  config.training.augment = { scale: 'long ago' };
  writeManifest(folder, { ...manifest, config });

  const summary = (await RunReader.open(folder)).summary();
  assert.equal(summary.status, 'stopped');
  assert.equal(summary.student, 'deeplabv3-resnet18 x0.25');
  assert.deepEqual(readManifest(folder).config.methods[0], config.methods[0]);
  assert.match(await buildReport([folder]), /not-known-here/);
  await assert.rejects(runTraining({ resume: folder }, {}), {
    code: 'run-broken',
    message: /methods\.0.*Resume it with the version/,
  });
});
