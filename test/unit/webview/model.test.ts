import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent, StageId } from '../../../src/protocol/events';
import { lossLines, miouLines } from '../../../webview/chart/lines';
import { marksOf } from '../../../webview/chart/marks';
import { count, duration, number, percent } from '../../../webview/model/format';
import { RunModel } from '../../../webview/model/run-model';
import { chosenStop, stopsOf } from '../../../webview/model/samples';
import { smooth } from '../../../webview/model/smooth';

const stage = (id: StageId, from = 0, iterations = 10): RunEvent => ({
  kind: 'stage',
  at: 0,
  stage: id,
  trains: id,
  index: id === 'teacher' ? 0 : 1,
  stages: 2,
  iterations,
  from,
});
const step = (id: StageId, n: number, loss: number, terms = {}, phase?: string): RunEvent => ({
  kind: 'step',
  at: 0,
  stage: id,
  step: n,
  loss,
  terms,
  lr: 0.1,
  ms: 1,
  ...(phase ? { phase } : {}),
});
const evaluation = (id: StageId, n: number, miou: number): RunEvent => ({
  kind: 'evaluation',
  at: 0,
  stage: id,
  step: n,
  role: id,
  images: 1,
  miou,
  miouPresent: miou,
  pixelAccuracy: miou,
  iou: [miou],
});
const sample = (id: StageId, n: number, name = 'a'): RunEvent => ({
  kind: 'sample',
  at: 0,
  stage: id,
  step: n,
  id: name,
  layers: [],
});
const steps = (id: StageId, from: number, to: number, loss: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => step(id, from + i, loss));

function modelOf(...events: RunEvent[]): RunModel {
  const model = new RunModel();
  model.apply(events);
  return model;
}

test('both stages lie one after the other on one axis', () => {
  const model = modelOf(
    stage('teacher'),
    ...steps('teacher', 1, 10, 2),
    stage('student'),
    ...steps('student', 1, 3, 5),
  );
  assert.deepEqual([...model.series.x.values], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
  assert.equal(model.stageAt(10)?.id, 'teacher');
  assert.equal(model.stageAt(11)?.id, 'student');
  assert.deepEqual(lossLines(model, 0).breaks, [11]);
});

test('a term that appears later has no values before, and none where it is missing', () => {
  const model = modelOf(
    stage('teacher'),
    step('teacher', 1, 1, { task: 1 }),
    step('teacher', 2, 3, { task: 1, kd: 2 }),
    step('teacher', 3, 1, { task: 1 }),
  );
  assert.deepEqual([...model.series.terms.get('kd')!.values], [Number.NaN, 2, Number.NaN]);
});

test('resuming supersedes later steps, evaluations and samples, also those of later stages', () => {
  const model = modelOf(
    stage('teacher'),
    ...steps('teacher', 1, 10, 1),
    evaluation('teacher', 5, 0.2),
    evaluation('teacher', 10, 0.3),
    sample('teacher', 10),
    stage('student'),
    ...steps('student', 1, 4, 1),
    evaluation('student', 0, 0.1),
    sample('student', 4),
    { kind: 'resume', at: 0, stage: 'teacher', step: 6 },
    stage('teacher', 6),
    ...steps('teacher', 7, 8, 9),
  );
  assert.deepEqual([...model.series.loss.values], [1, 1, 1, 1, 1, 1, 9, 9]);
  assert.deepEqual(
    model.evaluations.map((e) => [e.stage, e.step]),
    [['teacher', 5]],
  );
  assert.equal(model.samples.length, 0);
});

test('a stage that is resumed at its end keeps what came before it', () => {
  const model = modelOf(
    stage('teacher'),
    ...steps('teacher', 1, 10, 1),
    evaluation('teacher', 10, 0.3),
    stage('student'),
    ...steps('student', 1, 5, 1),
    { kind: 'resume', at: 0, stage: 'student', step: 2 },
    stage('student', 2),
    step('student', 3, 7),
  );
  assert.deepEqual([...model.series.x.values].slice(-3), [11, 12, 13]);
  assert.equal(model.series.loss.at(12), 7);
  assert.equal(model.latest('teacher')?.miou, 0.3);
});

test('resuming forgets later steps before any new one is told', () => {
  const model = modelOf(
    stage('teacher'),
    step('teacher', 1, 1, {}, 'tfe'),
    step('teacher', 2, 1, {}, 'tse'),
    { kind: 'resume', at: 0, stage: 'teacher', step: 1 },
  );
  assert.deepEqual([...model.series.x.values], [1]);
  assert.deepEqual(model.series.phases, [{ x: 1, phase: 'tfe' }]);
});

test('a step told twice counts once, the later telling wins', () => {
  const model = modelOf(stage('teacher'), ...steps('teacher', 1, 4, 1), step('teacher', 3, 8));
  assert.deepEqual([...model.series.loss.values], [1, 1, 8]);
});

test('an evaluation or sample told twice is kept once', () => {
  const twice = [
    evaluation('teacher', 2, 0.1),
    evaluation('teacher', 2, 0.4),
    sample('teacher', 2),
    sample('teacher', 2),
  ];
  const model = modelOf(stage('teacher'), ...twice);
  assert.deepEqual(
    model.evaluations.map((e) => e.miou),
    [0.4],
  );
  assert.equal(model.samples.length, 1);
});

test('the best evaluation is the first of the highest, the latest the last', () => {
  const model = modelOf(
    stage('student'),
    evaluation('student', 1, 0.5),
    evaluation('student', 2, 0.5),
    evaluation('student', 3, 0.4),
  );
  assert.equal(model.best('student')?.step, 1);
  assert.equal(model.latest('student')?.step, 3);
  assert.equal(model.best('teacher'), undefined);
});

test('many steps keep their values as columns grow', () => {
  const model = modelOf(
    stage('teacher', 0, 5000),
    ...steps('teacher', 1, 2500, 1),
    step('teacher', 2501, 4, { kd: 4 }),
  );
  assert.equal(model.series.length, 2501);
  assert.equal(model.series.loss.at(2500), 4);
  assert.equal(model.series.terms.get('kd')!.length, 2501);
});

test('phases are marked where they begin, a stage at its own beginning', () => {
  const model = modelOf(
    stage('teacher'),
    ...steps('teacher', 1, 10, 1),
    stage('student'),
    step('student', 1, 1, {}, 'tfe'),
    step('student', 2, 1, {}, 'tfe'),
    step('student', 3, 1, {}, 'tse'),
  );
  assert.deepEqual(marksOf(model), [
    { x: 0, label: 'Teacher', kind: 'stage' },
    { x: 10, label: 'Student', kind: 'stage' },
    { x: 10, label: 'TFE', kind: 'phase' },
    { x: 12, label: 'TSE', kind: 'phase' },
  ]);
});

test('mIoU of student and teacher share an axis in percent', () => {
  const model = modelOf(
    stage('teacher'),
    evaluation('teacher', 10, 0.5),
    stage('student'),
    evaluation('student', 5, 0.25),
  );
  const { x, lines } = miouLines(model);
  assert.deepEqual(x, [10, 15]);
  assert.deepEqual(
    lines.map((l) => [l.id, l.values]),
    [
      ['student', [null, 25]],
      ['teacher', [50, null]],
    ],
  );
});

test('the slider has one place per step, and follows the newest unless a step is chosen', () => {
  const model = modelOf(
    stage('teacher'),
    sample('teacher', 5, 'a'),
    sample('teacher', 5, 'b'),
    stage('student'),
    sample('student', 2),
  );
  const stops = stopsOf(model);
  assert.deepEqual(
    stops.map((s) => [s.x, s.samples.length]),
    [
      [5, 2],
      [12, 1],
    ],
  );
  assert.equal(chosenStop(stops, null), 1);
  assert.equal(chosenStop(stops, { stage: 'teacher', step: 5 }), 0);
  assert.equal(chosenStop(stops, { stage: 'teacher', step: 6 }), 1);
});

test('smoothing starts at the first value, skips holes and carries nothing into another stage', () => {
  assert.deepEqual(smooth([4, Number.NaN, 4], 0.9), [4, null, 4]);
  const [first, second] = smooth([0, 1], 0.5);
  assert.equal(first, 0);
  assert.ok(Math.abs(second! - 2 / 3) < 1e-12);
  assert.deepEqual(smooth([8, 2], 0.9, new Set([1])), [8, 2]);
  assert.deepEqual(smooth([1, 2], 0), [1, 2]);
});

test('numbers and times read as people write them', () => {
  assert.equal(duration(900), '1 s');
  assert.equal(duration(125_000), '2 min 5 s');
  assert.equal(duration(3_600_000 * 5 + 60_000 * 7), '5 h 7 min');
  assert.equal(duration(3_600_000 * 50), '2 d 2 h');
  assert.equal(number(0.123456), '0.1235');
  assert.equal(number(0.0000123), '1.23e-5');
  assert.equal(number(Number.NaN), '–');
  assert.equal(percent(0.74181), '74.18');
  assert.equal(count(1234567), '1\u202f234\u202f567');
});

test('of files that a network began from, the last that was told counts', () => {
  const none = { loaded: [], missing: [], unexpected: [], otherShape: [] };
  const weights = (role: StageId, file: string): RunEvent => ({
    ...{ kind: 'weights', at: 0, role, file, format: 'PyTorch', table: '', names: '' },
    ...none,
  });
  const model = modelOf(weights('student', 'a'), weights('teacher', 'b'), weights('student', 'c'));
  assert.deepEqual(
    model.weights.map(({ role, file }) => [role, file]),
    [
      ['teacher', 'b'],
      ['student', 'c'],
    ],
  );
});
