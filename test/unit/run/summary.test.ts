import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { RunEvent } from '../../../src/protocol/events';
import { effectiveEvents } from '../../../src/run/effective-events';
import { JournalWriter } from '../../../src/run/journal';
import { RunLockHolder } from '../../../src/run/lock';
import { updateManifest, writeManifest } from '../../../src/run/manifest';
import { createRunFolder } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { evaluation, manifestOf, stage, step, temporaryFolder } from './fixtures';

const warning: RunEvent = { kind: 'warning', at: 1, message: 'careful' };
const failed: RunEvent = { kind: 'end', at: 9000, status: 'failed', error: 'boom', code: 'numeric' };
const resume = (name: 'teacher' | 'student', number: number): RunEvent => ({
  kind: 'resume',
  at: 9500,
  stage: name,
  step: number,
});

test('a resume within a stage supersedes its later steps and the earlier end', () => {
  const journal = [
    stage('student'),
    step(1),
    evaluation(1, 'student', 0.2),
    step(2),
    warning,
    evaluation(2, 'student', 0.9),
    failed,
    resume('student', 1),
    stage('student', 1),
    step(2),
  ];
  assert.deepEqual(effectiveEvents(journal), [
    stage('student'),
    step(1),
    evaluation(1, 'student', 0.2),
    warning,
    resume('student', 1),
    step(2),
  ]);
});

test('a resume of the teacher stage supersedes all of the student stage', () => {
  const journal = [
    stage('teacher'),
    step(50, 'teacher'),
    stage('student'),
    step(1),
    resume('teacher', 50),
    stage('teacher', 50),
    stage('student'),
    step(1),
  ];
  assert.deepEqual(effectiveEvents(journal), [
    stage('teacher'),
    step(50, 'teacher'),
    resume('teacher', 50),
    stage('student'),
    step(1),
  ]);
});

function runWith(events: RunEvent[]): { folder: string; add: (...more: RunEvent[]) => void } {
  const { id, folder } = createRunFolder(temporaryFolder(), 'a');
  writeManifest(folder, manifestOf(id));
  const journal = new JournalWriter(folder);
  const add = (...more: RunEvent[]) => {
    for (const event of more) journal.append(event);
  };
  add(...events);
  return { folder, add };
}

test('progress counts both stages; best mIoU is kept by role', async () => {
  const { folder } = runWith([
    stage('teacher'),
    step(50, 'teacher'),
    evaluation(25, 'teacher', 0.6),
    evaluation(50, 'teacher', 0.5),
    stage('student'),
    step(25),
    evaluation(25, 'student', 0.3),
  ]);
  const lock = RunLockHolder.acquire(folder);
  const summary = (await RunReader.open(folder)).summary();
  assert.equal(summary.status, 'running');
  assert.equal(summary.progress, 75 / 150);
  assert.equal(summary.bestTeacherMiou, 0.6);
  assert.equal(summary.bestStudentMiou, 0.3);
  assert.deepEqual([summary.stage, summary.step, summary.iterations], ['student', 25, 100]);
  assert.equal(summary.student, 'deeplabv3-resnet18 x0.25');
  lock.release();
});

test('the status is what is true: running, crashed, or the end that the journal tells', async () => {
  const { folder, add } = runWith([stage('student'), step(1)]);
  const status = async () => (await RunReader.open(folder)).summary().status;
  const lock = RunLockHolder.acquire(folder);
  assert.equal(await status(), 'running');
  lock.release();
  assert.equal(await status(), 'crashed');
  add(failed);
  assert.equal(await status(), 'failed');
  assert.equal((await RunReader.open(folder)).summary().error, 'boom');
  updateManifest(folder, { status: 'stopped' });
  assert.equal(await status(), 'stopped');
});

test('a reader follows a run, and says when what it showed no longer counts', async () => {
  const { folder, add } = runWith([stage('student'), step(1)]);
  const reader = await RunReader.open(folder);
  assert.deepEqual(reader.events, [stage('student'), step(1)]);
  assert.deepEqual(await reader.refresh(), { added: [], rewound: false });
  add(step(2), step(3));
  assert.deepEqual(await reader.refresh(), { added: [step(2), step(3)], rewound: false });
  add(resume('student', 1), stage('student', 1), step(2));
  assert.deepEqual(await reader.refresh(), { added: [resume('student', 1), step(2)], rewound: true });
  assert.deepEqual(reader.events, [stage('student'), step(1), resume('student', 1), step(2)]);
  assert.equal(reader.summary().step, 2);
});

test('a run without a journal yet can be opened', async () => {
  const { folder } = runWith([]);
  rmSync(join(folder, 'journal.jsonl'));
  assert.equal((await RunReader.open(folder)).summary().progress, 0);
});
