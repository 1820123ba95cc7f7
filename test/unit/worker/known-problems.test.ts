import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { CheckCache, checkCacheFile } from '../../../src/data/check/cache';
import { checkDataset } from '../../../src/data/check/check';
import { layoutOf } from '../../../src/data/open';
import { listRunFolders } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { runTraining } from '../../../src/worker/run';
import { imageFile, tinyConfig, tinyWorkspace } from './tiny';

const cache = mkdtempSync(join(tmpdir(), 'distill-cache-'));
process.env.DISTILL_CACHE = cache;
after(() => rmSync(cache, { recursive: true, force: true }));

/** A workspace in which one training image is cut off, as a check has found out. */
async function checkedWorkspace(): Promise<{ workspace: string; broken: string }> {
  const workspace = tinyWorkspace();
  const broken = imageFile(workspace, 'train', 2);
  writeFileSync(broken, readFileSync(broken).subarray(0, 200));
  await checkFully(workspace);
  return { workspace, broken };
}

async function checkFully(workspace: string): Promise<void> {
  const as = { kind: 'folder' as const, root: join(workspace, 'data'), convention: undefined };
  const layout = await layoutOf(as, as.root);
  await checkDataset(as, layout, CheckCache.open(layout.root), { full: true });
}

const short = { training: { iterations: 6, evaluateEvery: 6, checkpointEvery: 6 }, methods: [] };
const skip = { dataset: { kind: 'folder' as const, root: 'data', onProblem: 'skip' as const } };

async function trained(workspace: string, config: string): Promise<RunReader> {
  const { folder, status } = await runTraining({ configFile: config, workspace }, {});
  assert.equal(status, 'finished');
  return await RunReader.open(folder);
}

const losses = ({ events }: RunReader) => events.flatMap((e) => (e.kind === 'step' ? [e.loss] : []));
const leftOut = ({ events }: RunReader) =>
  events.flatMap((e) => (e.kind === 'warning' && e.leftOut ? [{ before: events.indexOf(e), ...e }] : []));

test('what a check found refuses a run before it starts, and names the file', async () => {
  const { workspace, broken } = await checkedWorkspace();
  const config = tinyConfig(workspace, 'strict', short);
  await assert.rejects(
    runTraining({ configFile: config, workspace }, {}),
    (error: Error & { code: string }) => {
      assert.equal(error.code, 'image-unreadable');
      assert.match(error.message, /1 sample of the dataset cannot be used/);
      assert.ok(error.message.includes(broken));
      assert.match(error.message, /"skip"/);
      return true;
    },
  );
  assert.deepEqual(listRunFolders(workspace), []);
});

test('left out on request from the start and counted; the same run as when it is met on the way', async () => {
  const { workspace } = await checkedWorkspace();
  const config = tinyConfig(workspace, 'lenient', { ...short, ...skip });
  const known = await trained(workspace, config);
  const [told, ...more] = leftOut(known);
  assert.deepEqual([told!.leftOut, more], [['train/2'], []]);
  assert.match(told!.message, /^Left out 1 sample of the dataset \(1 in all\)\. train\/2: .*2\.png/);
  assert.ok(told!.before < known.events.findIndex((e) => e.kind === 'step'), 'said before the first step');

  rmSync(checkCacheFile(join(workspace, 'data')));
  const met = await trained(workspace, config);
  assert.deepEqual(leftOut(met)[0]!.leftOut, ['train/2']);
  assert.deepEqual(losses(met), losses(known));
  assert.equal(losses(met).length, 6);
});

test('a file that was replaced since the check counts as good; a split of which nothing is left is refused', async () => {
  const { workspace, broken } = await checkedWorkspace();
  writeFileSync(broken, readFileSync(imageFile(workspace, 'train', 3)));
  await trained(workspace, tinyConfig(workspace, 'mended', short));
  for (const i of [0, 1]) writeFileSync(imageFile(workspace, 'val', i), 'no picture');
  await checkFully(workspace);
  const config = tinyConfig(workspace, 'nothing', { ...short, ...skip });
  await assert.rejects(runTraining({ configFile: config, workspace }, {}), {
    code: 'dataset-empty',
    message: /The val split has no usable image/,
  });
});
