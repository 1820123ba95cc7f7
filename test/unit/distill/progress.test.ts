import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Progress } from '../../../src/distill/progress';

const stages = [
  { stage: 'teacher' as const, iterations: 10, evaluateEvery: 5, stepCost: 30, evaluationCost: 20 },
  { stage: 'student' as const, iterations: 20, evaluateEvery: 10, stepCost: 15, evaluationCost: 5 },
];

test('what has not begun is estimated by its cost', () => {
  const progress = new Progress(stages);
  // 2 passes at cost 30 in 120 ms: 2 ms per unit of cost.
  progress.step('teacher', 120, 2);
  const student = 20 * 30 + 2 * 10;
  assert.equal(progress.remaining('teacher', 1), 9 * 120 + 2 * 40 + student);
});

test('what was measured counts as measured', () => {
  const progress = new Progress(stages);
  for (let step = 1; step <= 6; step++) progress.step('teacher', 60, 1);
  progress.evaluation('teacher', 500);
  assert.equal(progress.remaining('teacher', 5), 5 * 60 + 2 * 500 + 20 * 30 + 2 * 10);
  assert.equal(progress.remaining('teacher', 6), 4 * 60 + 500 + 20 * 30 + 2 * 10);
  progress.step('student', 7, 1);
  progress.evaluation('student', 11);
  assert.equal(progress.remaining('student', 20), 11);
});

test('one slow step moves the estimate a little', () => {
  const progress = new Progress(stages.slice(1));
  for (let step = 1; step <= 100; step++) progress.step('student', 10, 1);
  progress.evaluation('student', 0);
  progress.step('student', 1010, 1);
  assert.ok(Math.abs(progress.remaining('student', 10) - 10 * 60) < 1e-9);
});
