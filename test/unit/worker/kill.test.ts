import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { runTypeScript } from '../../lib/run-typescript';

const root = join(__dirname, '../../..');

// A short version of what `npm run kill-test` does at length. It runs the program as it is shipped, which `npm test` has built.
test('trainings that are killed at random moments end like undisturbed ones', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...runTypeScript, 'scripts/kill-test.ts', '--kills', '6', '--methods', 'lad,rdd,cirkd', '--steps', '12'],
    { cwd: root, encoding: 'utf8' },
  );
  assert.equal(status, 0, stdout + stderr);
  for (const method of ['lad', 'rdd', 'cirkd'])
    assert.match(stdout, new RegExp(`^${method}: 2 kills in .* identical`, 'm'));
});
