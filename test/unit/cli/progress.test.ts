import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProgressText } from '../../../src/cli/progress';
import type { RunEvent } from '../../../src/protocol/events';

function stepEvent(step: number, change: Partial<Extract<RunEvent, { kind: 'step' }>> = {}): RunEvent {
  return {
    kind: 'step',
    at: 0,
    stage: 'student',
    step,
    loss: 1.23456,
    terms: { task: 1 },
    lr: 0.01,
    ms: 500,
    etaMs: 125_000,
    ...change,
  };
}
const stage: RunEvent = {
  kind: 'stage',
  at: 0,
  stage: 'student',
  trains: 'student',
  index: 1,
  stages: 2,
  iterations: 400,
  from: 0,
};
const evaluation: RunEvent = {
  kind: 'evaluation',
  at: 0,
  stage: 'student',
  step: 100,
  role: 'student',
  images: 20,
  miou: 0.4123,
  miouPresent: 0.5,
  pixelAccuracy: 0.8,
  iou: [],
};

function collect(isTTY: boolean, columns?: number) {
  let text = '';
  let now = 0;
  const progress = new ProgressText({ isTTY, columns, write: (t) => (text += t) }, 8, () => now);
  return { progress, text: () => text, advance: (ms: number) => (now += ms) };
}

test('a step tells stage, loss, speed and time left; the score once there is one', () => {
  const { progress, text, advance } = collect(false);
  progress.event(stage);
  progress.event(stepEvent(1, { phase: 'tfe' }));
  assert.equal(
    text(),
    'Stage 2 of 2: the student, 400 steps\nstudent 1/400 tfe  loss 1.235  16.0 samples/s  2 min 05 s left\n',
  );
  progress.event(evaluation);
  advance(60_000);
  progress.event(stepEvent(101));
  assert.match(text(), /student on 20 validation images: mIoU 41\.2 %, pixel accuracy 80\.0 %\n/);
  assert.match(text(), /student 101\/400 {2}loss 1\.235 {2}mIoU 41\.2 % {2}16\.0 samples\/s/);
});

test('without a terminal a line comes now and then, and always for the last step', () => {
  const { progress, text, advance } = collect(false);
  progress.event(stage);
  for (let step = 1; step <= 40; step++) {
    progress.event(stepEvent(step));
    advance(500);
  }
  progress.event(stepEvent(400));
  const steps = [...text().matchAll(/student (\d+)\/400/g)].map(([, step]) => Number(step));
  assert.deepEqual(steps, [1, 21, 400]);
  assert.ok(!text().includes('\r'));
});

test('on a terminal one line is rewritten, cut to its width, and lines that stay go above it', () => {
  const { progress, text, advance } = collect(true, 30);
  progress.event(stage);
  progress.event(stepEvent(1));
  advance(50);
  progress.event(stepEvent(2));
  advance(60);
  progress.event(stepEvent(3));
  progress.event({ kind: 'warning', at: 0, message: 'careful' });
  progress.event(stepEvent(400));
  progress.close();
  const clear = '\r\x1b[2K';
  assert.equal(
    text(),
    'Stage 2 of 2: the student, 400 steps\n' +
      `${clear}student 1/400  loss 1.235  16` +
      `${clear}student 3/400  loss 1.235  16` +
      `${clear}Warning: careful\n` +
      `${clear}student 400/400  loss 1.235  \n`,
  );
});
