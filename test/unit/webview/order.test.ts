import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SampleEvent } from '../../../src/protocol/events';
import { RunModel } from '../../../webview/model/run-model';
import { chosenSample, inOrder, scoreText, stopsOf } from '../../../webview/model/samples';
import { mistakesOf } from '../../../webview/run/confusion';

const sample = (id: string, step: number, scores?: SampleEvent['scores']): SampleEvent => ({
  kind: 'sample',
  at: 1,
  stage: 'student',
  step,
  id,
  layers: [],
  ...(scores ? { scores } : {}),
});
const a = sample('a', 5, { student: 0.9, difficulty: 0.4, disagreement: 0.1 });
const b = sample('b', 5, { student: 0.2, difficulty: 0.1, disagreement: 0.3 });
const old = sample('old', 5);

test('samples are listed worst first by what is chosen; those without a score last', () => {
  const ids = (order: Parameters<typeof inOrder>[1]) => inOrder([old, a, b], order).map(({ id }) => id);
  assert.deepEqual(ids('taken'), ['old', 'a', 'b']);
  assert.deepEqual(ids('student'), ['b', 'a', 'old']);
  assert.deepEqual(ids('difficulty'), ['a', 'b', 'old']);
  assert.deepEqual(ids('disagreement'), ['b', 'a', 'old']);
  assert.equal(scoreText(b, 'student'), 'IoU 20.0');
  assert.equal(scoreText(b, 'disagreement'), 'disagree on 30.0 %');
  assert.equal(scoreText(old, 'difficulty'), '');
});

test('the slider goes through the steps of the sample that is chosen', () => {
  const model = new RunModel();
  model.apply([sample('a', 5), sample('a', 10), sample('b', 10), sample('a', 15)]);
  assert.deepEqual(
    stopsOf(model).map(({ x }) => x),
    [5, 10, 15],
  );
  assert.deepEqual(
    stopsOf(model, 'b').map(({ samples }) => samples.length),
    [2],
  );
  assert.equal(stopsOf(model, 'gone').length, 3, 'a sample that is not there hides nothing');
});

test('what is confused most comes first, what is right not at all', () => {
  assert.deepEqual(mistakesOf([90, 10, 0, 30, 60, 10, 0, 0, 0], 3), [
    { label: 1, predicted: 0, pixels: 30, share: 0.3 },
    { label: 0, predicted: 1, pixels: 10, share: 0.1 },
    { label: 1, predicted: 2, pixels: 10, share: 0.1 },
  ]);
});

test('without a choice the sample is shown that the run draws again and again', () => {
  const model = new RunModel();
  // At an evaluation the worst images are drawn before it.
  model.apply([sample('main', 0), sample('worst', 10), sample('main', 10)]);
  const stop = stopsOf(model).at(-1)!;
  assert.equal(chosenSample(stop, null, model).id, 'main');
  assert.equal(chosenSample(stop, 'worst', model).id, 'worst');
  assert.equal(chosenSample(stop, 'gone', model).id, 'main');
});
