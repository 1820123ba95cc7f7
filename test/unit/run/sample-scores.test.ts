import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreSample } from '../../../src/run/sample-scores';
import type { LayerContents } from '../../../src/run/samples';

const map = (name: LayerContents['name'], ...ids: number[]): LayerContents => ({
  name,
  dtype: 'uint8',
  height: 1,
  width: ids.length,
  channels: 1,
  data: Uint8Array.from(ids),
});

test('a sample is scored by IoU, difficulty and disagreement on its labelled pixels', () => {
  const difficulty: LayerContents = {
    ...map('difficulty', 0, 0),
    dtype: 'float32',
    data: Float32Array.from([1, 0.5]),
  };
  const scores = scoreSample([
    map('label', 0, 0, 1, 1, 255),
    map('student', 0, 1, 1, 2, 7),
    map('teacher', 0, 0, 1, 1, 3),
    difficulty,
  ]);
  // Class 0: 1 of 2; class 1: 1 of 3; class 2: 0 of 1.
  assert.ok(Math.abs(scores.student! - (1 / 2 + 1 / 3 + 0) / 3) < 1e-12);
  assert.equal(scores.teacher, 1);
  assert.equal(scores.disagreement, 0.5);
  assert.equal(scores.difficulty, 0.25);
});

test('what cannot be scored is left out', () => {
  assert.deepEqual(scoreSample([map('label', 255, 255), map('student', 0, 1)]), { student: undefined });
  assert.deepEqual(scoreSample([map('image', 1, 2, 3)]), {});
});
