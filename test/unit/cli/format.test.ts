import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../../../src/cli/command';
import { duration, percent, table } from '../../../src/cli/format';

test('durations are told in the two largest units', () => {
  assert.deepEqual([0, 44_600, 59_600, 125_000, 3_599_400, 11_220_000].map(duration), [
    '0 s',
    '45 s',
    '1 min 00 s',
    '2 min 05 s',
    '59 min 59 s',
    '3 h 07 min',
  ]);
});

test('a share is told in percent, a missing one as a dash', () => {
  assert.deepEqual([0.41236, 0, null, undefined].map(percent), ['41.2 %', '0.0 %', '-', '-']);
});

test('columns are as wide as they need to be, numbers to the right', () => {
  assert.equal(
    table(
      ['run', 'mIoU'],
      [
        ['a', '9.1 %'],
        ['longer', '-'],
      ],
    ),
    ['run      mIoU', '------  -----', 'a       9.1 %', 'longer      -'].join('\n'),
  );
});

test('an option that does not exist is a usage error that names it', () => {
  assert.throws(() => parse(['--speed', '9'], {}), { code: 'usage', message: /'--speed'.*Add --help/ });
  assert.throws(() => parse(['--out'], { out: { type: 'string' } }), { code: 'usage', message: /--out/ });
  assert.deepEqual(parse(['a', '--out', 'b'], { out: { type: 'string' } }).positionals, ['a']);
});
