import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../run/fixtures';
import { said } from './said';

test('mistakes on the command line are told in plain words, with status 2', async () => {
  const mistakes: [string[], RegExp][] = [
    [[], /Usage: distill COMMAND/],
    [['paint'], /There is no command "paint"\. Commands: train, /],
    [['constructor'], /There is no command "constructor"/],
    [['train'], /Which configuration\? Add --help/],
    [['train', 'a', 'b'], /"b" is one too many/],
    [['train', 'a', '--speed'], /Unknown option '--speed'\. Add --help/],
    [['train', 'a', '--engine', 'steam'], /no engine "steam"; engines are auto, tensorflow, webgpu, wasm/],
    [['train', 'a', '--resume', 'b'], /not both/],
    [['runs', 'a'], /Unexpected argument "a"/],
    [['report'], /Which runs\?/],
    [['validate'], /Which configuration\?/],
  ];
  for (const [args, message] of mistakes) {
    const { status, err, out } = await said(...args);
    assert.equal(status, 2, args.join(' '));
    assert.match(err, message);
    assert.doesNotMatch(err, /\n +at /);
    assert.equal(out, '');
  }
});

test('what is not there is named with a remedy, with status 1, and nothing is made', async () => {
  const workspace = temporaryFolder();
  const missing = join(workspace, 'none.distill.json');
  for (const args of [
    ['train', missing, '--workspace', workspace],
    ['validate', missing],
  ]) {
    const { status, err } = await said(...args);
    assert.equal(status, 1);
    assert.match(err, /none\.distill\.json: There is no such file\. Give the path/);
  }
  const { status, err } = await said('train', '--resume', 'x', '--workspace', workspace);
  assert.equal(status, 1);
  assert.match(err, /There is no run "x"/);
  assert.ok(!existsSync(join(workspace, '.distill')));
});

test('every command explains itself; an empty workspace is no error', async () => {
  for (const name of ['train', 'validate', 'runs', 'report', 'import', 'export', 'predict']) {
    const { status, out } = await said(name, '--help');
    assert.equal(status, 0);
    assert.match(out, new RegExp(`Usage: distill ${name}`));
  }
  const overview = await said('--help');
  for (const name of ['train', 'validate', 'runs', 'report', 'import', 'export', 'predict', 'doctor'])
    assert.match(overview.out, new RegExp(`\\n  ${name} `));
  assert.match((await said('--version')).out, /^\d+\.\d+\.\d+\n$/);
  const { status, out } = await said('runs', '--workspace', temporaryFolder());
  assert.equal(status, 0);
  assert.match(out, /No runs here yet/);
});
