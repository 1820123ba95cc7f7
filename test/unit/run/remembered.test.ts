import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent } from '../../../src/protocol/events';
import { JournalWriter } from '../../../src/run/journal';
import { writeManifest } from '../../../src/run/manifest';
import { remembered } from '../../../src/run/remembered';
import { createRunFolder } from '../../../src/run/run-folder';
import { RunReader } from '../../../src/run/run-reader';
import { summarize } from '../../../src/run/summary';
import { evaluation, manifestOf, stage, step, temporaryFolder } from './fixtures';

const notes = { version: 1, starred: false, archived: false, text: '' } as const;
const summary = (events: readonly RunEvent[]) =>
  summarize('/runs/a', manifestOf('a'), notes, events, 'running');

/** Memory is told with every seventh step, so that the last step does not tell it. */
function long(steps: number): RunEvent[] {
  return [
    stage('student'),
    ...Array.from({ length: steps }, (_, i): RunEvent[] => [
      { ...step(i + 1), ms: 5 + (i % 9), ...(i % 70 === 0 ? { memory: 1000 + i } : {}) } as RunEvent,
      ...(i % 100 === 0
        ? [{ ...evaluation(i + 1, 'student', i / 1000), confusion: [1, 2, 3, 4] } as RunEvent]
        : []),
    ]).flat(),
  ];
}

test('what is remembered of a long run is little and says the same', () => {
  for (const events of [[], long(3), long(700), [...long(650), stage('teacher')]]) {
    const kept = remembered(events);
    assert.deepEqual(summary(kept), summary(events));
    assert.ok(kept.filter(({ kind }) => kind === 'step').length <= 21);
    assert.ok(kept.every((event) => event.kind !== 'evaluation' || event.confusion === undefined));
    assert.deepEqual(remembered(kept), kept, 'nothing more is lost the next time');
  }
  assert.notEqual(summary(long(700)).memory, undefined);
});

test('a reader that forgot goes on telling what is new, and knows everything again when the run was resumed', async () => {
  const { folder } = createRunFolder(temporaryFolder(), 'long');
  writeManifest(folder, manifestOf('long'));
  const journal = new JournalWriter(folder);
  for (const event of long(300)) journal.append(event);
  const reader = await RunReader.open(folder);
  const whole = await RunReader.open(folder);
  reader.forget();
  assert.ok(reader.events.length < 40);
  for (const event of [step(301), stage('student'), evaluation(301, 'student', 0.9)]) journal.append(event);
  const { added, rewound } = await reader.refresh();
  await whole.refresh();
  assert.deepEqual(
    added.map(({ kind }) => kind),
    ['step', 'evaluation'],
    'a stage that was entered already is no news',
  );
  assert.equal(rewound, false);
  assert.deepEqual(reader.summary(), whole.summary());
  assert.ok(reader.events.length < 40);

  journal.append({ kind: 'resume', at: 1, stage: 'student', step: 250 });
  journal.append(step(251));
  assert.equal((await reader.refresh()).rewound, true);
  await whole.refresh();
  assert.deepEqual(reader.events, whole.events);
  assert.deepEqual(reader.summary(), whole.summary());
  reader.forget();
  assert.deepEqual(reader.summary(), whole.summary());
  journal.close();
});
