import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  bestFormat,
  type Detail,
  detailSchema,
  merged,
  resultsSchema,
  rowOf,
  spread,
} from '../../../bench/results';
import { rows, selectRows } from '../../../bench/rows';
import { median, quantile, relativeDifference } from '../../../bench/statistics';
import { detail } from './details';

test('a median is the middle one, or the mean of the middle two; order does not matter', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 10]), 3.5);
  assert.throws(() => median([]), RangeError);
});

test('quartiles are interpolated as NumPy does', () => {
  // numpy.quantile([1, 2, 3, 10], [0.25, 0.75])
  assert.deepEqual(spread([10, 3, 2, 1]), [1.75, 4.75]);
  assert.equal(quantile([7], 0.25), 7);
});

test('differences are relative to the larger number', () => {
  assert.equal(relativeDifference(0, 0), 0);
  assert.equal(relativeDifference(1, 2), 0.5);
  assert.equal(relativeDifference(-4, -2), 0.5);
  assert.ok(Number.isNaN(relativeDifference(Number.NaN, 1)));
});

test('a row sets our median against the better of PyTorch’s two', () => {
  const measured = detail({
    ours: [100, 130, 90, 95, 400, 98, 99],
    pytorch: { contiguous: [200, 201, 202], channels_last: [120, 500, 125] },
  });
  assert.equal(bestFormat(measured.pytorch), 'channels_last');
  assert.deepEqual(rowOf(measured), {
    name: 'student-step-128',
    ours_ms: 99,
    pytorch_ms: 125,
    ratio: 0.792,
    engine: 'tensorflow',
    runs: 7,
  });
});

test('rows have the published fields and no others', () => {
  const row = rowOf(detail({}));
  assert.deepEqual(resultsSchema.parse([row]), [row]);
  for (const wrong of [
    { ...row, extra: 1 },
    { ...row, runs: 0 },
    { ...row, ratio: '1' },
    { ...row, engine: 'x' },
  ])
    assert.equal(resultsSchema.safeParse([wrong]).success, false);
  const { runs: _, ...incomplete } = row;
  assert.equal(resultsSchema.safeParse([incomplete]).success, false);
});

test('fresh rows take the place of the old ones of the same name and engine, in the order of the plan', () => {
  const old = [
    detail({ name: 'student-step-256' }),
    detail({ engine: 'wasm', gflop: 1 }),
    detail({ gflop: 2 }),
  ];
  const result = merged(rows, old, [detail({ gflop: 3 }), detail({ name: 'no such row' })]);
  const short = ({ name, engine, gflop }: Detail) => [name, engine, gflop];
  assert.deepEqual(result.map(short), [
    ['student-step-128', 'tensorflow', 3],
    ['student-step-256', 'tensorflow', 48.5],
    ['student-step-128', 'wasm', 1],
  ]);
});

test('rows are chosen by name and engine; what there is not is an error that says what there is', () => {
  const names = (only?: string[], engine?: string) =>
    selectRows(only, engine).map((row) => `${row.name} ${row.engine}`);
  assert.equal(names().length, 7);
  assert.deepEqual(names(['student-step-128']), ['student-step-128 tensorflow', 'student-step-128 wasm']);
  assert.deepEqual(names(undefined, 'wasm'), ['student-step-128 wasm']);
  assert.throws(() => names(['student-step-12']), /student-step-128, student-step-256/);
  assert.throws(() => names(undefined, 'cuda'), /tensorflow, wasm/);
  assert.throws(() => names(['rdd-step-256'], 'wasm'), /No row/);
});

test('a detail with a measurement that is not a time is refused', () => {
  assert.equal(detailSchema.safeParse(detail({ ours: [1, Number.NaN] })).success, false);
  assert.equal(detailSchema.safeParse(detail({ ours: [] })).success, false);
});
