import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { loadCompiled } from '../../../src/extension/compiled-code';

const LATER_MS = 20_000;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'compiled-'));
  mock.timers.enable({ apis: ['setTimeout'] });
});
afterEach(() => {
  mock.timers.reset();
  rmSync(folder, { recursive: true });
});

const kept = () => readdirSync(join(folder, 'kept')).map((name) => join(folder, 'kept', name));

interface Loaded {
  answer(): number;
  require: NodeJS.Require;
  names: string[];
}

/** @returns what a program that answers with this number exports, and whether its code was compiled anew */
function load(answer: number, changedAt = new Date(2026, 0, 1)): Loaded & { compiled: boolean } {
  const file = join(folder, 'program.js');
  writeFileSync(
    file,
    `exports.answer = () => ${answer}; exports.require = require; exports.names = [__filename, __dirname];`,
  );
  utimesSync(file, changedAt, changedAt);
  const before = mock.method(globalThis, 'setTimeout');
  const loaded = loadCompiled<Loaded>(file, join(folder, 'kept'), createRequire(__filename));
  const compiled = before.mock.callCount() > 0;
  before.mock.restore();
  return { ...loaded, compiled };
}

test('a program gets what require would give it, and is compiled only the first time', () => {
  const first = load(42);
  assert.equal(first.answer(), 42);
  assert.equal(first.require('node:os'), createRequire(__filename)('node:os'));
  assert.deepEqual(first.names, [join(folder, 'program.js'), folder]);
  assert.equal(first.compiled, true);
  mock.timers.tick(LATER_MS);
  assert.equal(kept().length, 1);
  const second = load(42);
  assert.equal(second.compiled, false);
  assert.equal(second.answer(), 42);
});

test('what was kept of another program of the same length is not used, and goes', () => {
  load(42);
  mock.timers.tick(LATER_MS);
  const older = kept();
  const other = load(43, new Date(2026, 0, 2));
  assert.equal(other.compiled, true);
  assert.equal(other.answer(), 43);
  mock.timers.tick(LATER_MS);
  assert.equal(kept().length, 1);
  assert.notDeepEqual(kept(), older);
});

test('damaged code is compiled anew, and kept in its place', () => {
  load(42);
  mock.timers.tick(LATER_MS);
  const [file] = kept();
  const whole = readFileSync(file!);
  const flipped = Buffer.from(whole);
  flipped[whole.length - 40]! ^= 255;
  for (const damaged of [
    whole.subarray(0, whole.length / 2),
    Buffer.alloc(whole.length),
    Buffer.alloc(0),
    flipped,
  ]) {
    writeFileSync(file!, damaged);
    const loaded = load(42);
    assert.equal(loaded.compiled, true);
    assert.equal(loaded.answer(), 42);
    mock.timers.tick(LATER_MS);
    assert.ok(readFileSync(file!).length > whole.length / 2);
  }
});

test('where nothing can be kept the program is loaded all the same', () => {
  writeFileSync(join(folder, 'kept'), 'a file where the folder should be');
  assert.equal(load(42).answer(), 42);
  mock.timers.tick(LATER_MS);
  assert.equal(readFileSync(join(folder, 'kept'), 'utf8'), 'a file where the folder should be');
});
