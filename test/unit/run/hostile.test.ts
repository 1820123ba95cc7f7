import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { RunEvent } from '../../../src/protocol/events';
import type { RunManifest } from '../../../src/protocol/run';
import { endProcess, readLock } from '../../../src/run/lock';
import { readManifest } from '../../../src/run/manifest';
import { updateNotes } from '../../../src/run/notes';
import { buildReport } from '../../../src/run/report/report';
import { listRunFolders, makeRequest, runsFolder } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { readSample } from '../../../src/run/samples';
import { manifestOf, stage, step, temporaryFolder } from './fixtures';

/** What a stranger's run folder must not lead to; its content tells whether anything was written. */
const outside = temporaryFolder();
const secret = join(outside, 'secret.json');
const CONTENT = '{ "kind": "step", "secret": true }\n';
writeFileSync(secret, CONTENT);

const workspace = temporaryFolder();
let count = 0;

function runFolder(change: Partial<RunManifest> = {}, events: readonly RunEvent[] = []): string {
  const id = `run-${++count}`;
  const folder = join(runsFolder(workspace), id);
  mkdirSync(join(folder, 'samples'), { recursive: true });
  writeFileSync(join(folder, 'run.json'), JSON.stringify(manifestOf(id, change)));
  writeFileSync(join(folder, 'journal.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return folder;
}

function sample(
  file: string,
  size: Partial<{ height: number; width: number; channels: number }> = {},
): RunEvent & { kind: 'sample' } {
  const layer = {
    name: 'image',
    file,
    dtype: 'uint8',
    height: 1,
    width: CONTENT.length,
    channels: 1,
    ...size,
  } as const;
  return { kind: 'sample', at: 1, stage: 'student', step: 1, id: 'x', layers: [layer] } as RunEvent & {
    kind: 'sample';
  };
}

const refused = { code: 'run-broken' };

test('links in a run folder are not followed, neither to read nor to write', async () => {
  for (const name of ['run.json', 'journal.jsonl', 'lock.json', 'notes.json']) {
    const folder = runFolder();
    execFileSync('rm', ['-f', join(folder, name)]);
    symlinkSync(secret, join(folder, name));
    if (name === 'run.json')
      assert.throws(() => readManifest(folder), /symbolic link, which is not followed/);
    if (name === 'journal.jsonl') await assert.rejects(RunReader.open(folder), /symbolic link/);
    if (name === 'lock.json') assert.throws(() => readLock(folder), /symbolic link/);
    if (name === 'notes.json') assert.throws(() => updateNotes(folder, { starred: true }), /symbolic link/);
  }
  const folder = runFolder();
  for (const name of ['stop', 'pause'] as const) {
    symlinkSync(secret, join(folder, name));
    makeRequest(folder, name);
    assert.equal(readFileSync(join(folder, name), 'utf8'), '');
  }
  assert.equal(readFileSync(secret, 'utf8'), CONTENT);
});

test('a run folder that is itself a link is no run of this workspace', () => {
  const elsewhere = join(outside, 'run');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'run.json'), JSON.stringify(manifestOf('elsewhere')));
  symlinkSync(elsewhere, join(runsFolder(workspace), 'linked'));
  assert.ok(!listRunFolders(workspace).some((folder) => folder.endsWith('linked')));
});

test('pictures come out of the samples of the run alone', async () => {
  const folder = runFolder();
  symlinkSync(secret, join(folder, 'samples', 'link.bin'));
  await assert.rejects(readSample(folder, sample('samples/link.bin')), refused);
  await assert.rejects(readSample(folder, sample('samples/../../../x.bin')), refused);
  symlinkSync(outside, join(folder, 'samples', 'folder'));
  await assert.rejects(readSample(folder, sample('samples/folder/secret.json')), refused);
  const linked = runFolder();
  execFileSync('rm', ['-r', join(linked, 'samples')]);
  symlinkSync(outside, join(linked, 'samples'));
  await assert.rejects(readSample(linked, sample('samples/secret.json')), refused);
  writeFileSync(join(folder, 'samples', 'real.bin'), CONTENT);
  assert.equal((await readSample(folder, sample('samples/real.bin')))[0]!.data.byteLength, CONTENT.length);
});

test('journals that name files elsewhere are damaged, not obeyed', async () => {
  const folder = runFolder();
  const paths = ['/etc/passwd', 'C:\\x', 'other/x.bin', 'samples/a b', 'samples/%2e%2e/x', '\\\\host\\share'];
  writeFileSync(
    join(folder, 'journal.jsonl'),
    paths.map((path) => `${JSON.stringify(sample(path))}\n`).join(''),
  );
  const reader = await RunReader.open(folder);
  assert.deepEqual([reader.events.length, reader.damagedLines], [0, paths.length]);
});

test('pictures of absurd size are refused before memory is asked for', async () => {
  const folder = runFolder();
  const file = join(folder, 'samples', 'huge.bin');
  writeFileSync(file, '');
  // A file with a hole takes no room on the disk.
  truncateSync(file, 4 * 2 ** 30);
  const huge = sample('samples/huge.bin', { height: 65536, width: 65536 });
  await assert.rejects(readSample(folder, huge), /65536 x 65536 is more than can be shown/);
  await assert.rejects(readSample(folder, sample('samples/huge.bin')), /its shape in the journal takes/);
  const overflow = sample('samples/huge.bin', { height: Number.MAX_SAFE_INTEGER, width: 6 });
  await assert.rejects(readSample(folder, overflow), refused);
});

test('files that are far too large, or no files, are refused without being read', async () => {
  const folder = runFolder();
  truncateSync(join(folder, 'run.json'), 8 * 2 ** 30);
  assert.throws(() => readManifest(folder), /8589934592 bytes, more than any run writes/);
  const other = runFolder();
  truncateSync(join(other, 'journal.jsonl'), 8 * 2 ** 30);
  await assert.rejects(RunReader.open(other), /more than any run writes/);
  if (process.platform === 'win32') return;
  const pipes = runFolder();
  for (const name of ['run.json', 'journal.jsonl']) {
    const good = readFileSync(join(pipes, name));
    execFileSync('rm', [join(pipes, name)]);
    // Who reads a pipe waits until somebody writes.
    execFileSync('mkfifo', [join(pipes, name)]);
    await assert.rejects(RunReader.open(pipes), /no ordinary file/);
    execFileSync('rm', [join(pipes, name)]);
    writeFileSync(join(pipes, name), good);
  }
  const folders = runFolder();
  execFileSync('rm', [join(folders, 'run.json')]);
  mkdirSync(join(folders, 'run.json'));
  assert.throws(() => readManifest(folders), /no ordinary file/);
});

test('more classes than a label map can hold are refused: lists of them would be drawn', () => {
  const one = { name: 'x', color: [1, 2, 3] as [number, number, number] };
  const of = (count: number) =>
    readManifest(runFolder({ classes: Array.from({ length: count }, () => one) }));
  assert.equal(of(256).classes.length, 256);
  assert.throws(() => of(257), refused);
});

test('a malformed journal costs its bad lines and nothing else', async () => {
  const folder = runFolder();
  const lines = [
    JSON.stringify(stage('student')),
    '['.repeat(200_000),
    '{"kind":"step"}',
    'null',
    `{"kind":"step","at":1,"stage":"student","step":1e999,"loss":1,"terms":{},"lr":1,"ms":1}`,
    `{"__proto__":{"polluted":true},"kind":"end"}`,
    '\u0000\u0001\u0002',
    JSON.stringify(step(7)),
    'x'.repeat(17 * 2 ** 20),
    JSON.stringify(step(8)),
  ];
  writeFileSync(join(folder, 'journal.jsonl'), `${lines.join('\n')}\n`);
  const reader = await RunReader.open(folder);
  assert.deepEqual(
    reader.events.map((event) => (event.kind === 'step' ? event.step : event.kind)),
    ['stage', 7, 8],
  );
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
  assert.equal(reader.summary().step, 8);
});

test('names with markup stay text in the report, and nothing is fetched or run by it', async () => {
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>"\'&';
  const folder = runFolder(
    {
      name: evil,
      classes: [{ name: evil, color: [1, 2, 3] }],
      deviations: [evil],
      host: { name: evil, platform: evil, node: evil, cpus: 1 },
      engine: { name: evil, device: evil, versions: { [evil]: evil } },
      status: 'failed',
      error: evil,
      configText: evil,
    },
    [stage('student'), step(1)],
  );
  const html = await buildReport([folder]);
  assert.ok(!html.includes('<img src=x'));
  assert.ok(!/<script>alert/.test(html));
  assert.ok(html.includes('&lt;img'));
  assert.deepEqual(html.match(/(src|href)="(?!data:|#)[^"]*"/g) ?? [], []);
});

test('ids that would lead out of the runs are no runs', () => {
  for (const id of ['../x', 'a/b', '..\\x', 'a\u0000b']) {
    const folder = runFolder();
    writeFileSync(join(folder, 'run.json'), JSON.stringify({ ...manifestOf('x'), id }));
    assert.throws(() => readManifest(folder), { code: 'run-broken' }, id);
  }
});

test('a lock that names somebody else’s process does not end it', async () => {
  const innocent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  after(() => innocent.kill('SIGKILL'));
  for (const startedAt of [0, 1, Date.now()]) {
    const folder = runFolder();
    writeFileSync(
      join(folder, 'lock.json'),
      JSON.stringify({ pid: innocent.pid, host: hostname(), startedAt }),
    );
    try {
      endProcess(folder);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'run-locked');
    }
  }
  await new Promise((done) => setTimeout(done, 200));
  assert.equal(innocent.exitCode, null);
  assert.equal(innocent.signalCode, null);
});

test('looking at a run writes nothing into its folder', async () => {
  const folder = runFolder({}, [stage('student'), step(1)]);
  const before = readdirSync(folder).sort();
  const reader = await RunReader.open(folder);
  reader.summary();
  await reader.refresh();
  assert.deepEqual(readdirSync(folder).sort(), before);
  assert.ok(!existsSync(join(folder, 'lock.json')));
});

test('nothing of all this has been written outside of a run folder', () => {
  assert.equal(readFileSync(secret, 'utf8'), CONTENT);
  assert.deepEqual(readdirSync(outside).sort(), ['run', 'secret.json']);
});
