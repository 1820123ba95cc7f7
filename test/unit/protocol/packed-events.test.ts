import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunEvent, StepEvent } from '../../../src/protocol/events';
import { eventsSchema, type PackedEvent, packEvents } from '../../../src/protocol/packed-events';

const step = (n: number, more: Partial<StepEvent> = {}): StepEvent => ({
  kind: 'step',
  at: 1000 + n,
  stage: 'student',
  step: n,
  loss: 1 / n,
  terms: { task: 0.5 / n, 'task.aux': 0.1 },
  lr: 0.01,
  ms: 350.25,
  ...more,
});
const events: RunEvent[] = [
  {
    kind: 'stage',
    at: 1,
    stage: 'student',
    trains: 'student',
    index: 0,
    stages: 1,
    iterations: 9,
    from: 0,
  },
  step(1, { etaMs: 7, memory: 2e9 }),
  step(2),
  step(3, { etaMs: 5 }),
  step(4, { phase: 'tfe' }),
  step(5, { phase: 'tfe', terms: { task: 1, kd: 2 } }),
  step(6, { phase: 'tfe', terms: { task: 1, kd: 2 }, watched: { 'adversarial.discriminator': 0.7 } }),
  { kind: 'warning', at: 2, message: 'a warning between steps' },
  step(7),
  step(8),
];
const kinds = (packed: readonly PackedEvent[]) => packed.map(({ kind }) => kind).join(' ');

test('events cross to a page and come out as they were, in their order', () => {
  const packed = packEvents(events);
  assert.equal(kinds(packed), 'stage steps steps steps steps warning steps');
  assert.deepEqual(eventsSchema.parse(structuredClone(packed)), events);
  assert.deepEqual(eventsSchema.parse(events), events, 'unpacked ones, too');
  assert.deepEqual(packEvents([]), []);
});

test('a step that is no row of numbers crosses as it is', () => {
  const strange = [step(1), step(2, { loss: Number.NaN }), step(3)];
  assert.equal(kinds(packEvents(strange)), 'steps step steps');
  assert.equal(kinds(packEvents([step(1, { etaMs: Number.POSITIVE_INFINITY })])), 'step');
});

test('a block that is damaged is refused, whatever is wrong with it', () => {
  const [block] = packEvents([step(1), step(2)]);
  assert.equal(block?.kind, 'steps');
  const { rows } = block as { rows: ArrayBuffer };
  const cut = (bytes: number) => ({ ...block, rows: rows.slice(0, bytes) });
  const changed = (at: number, value: number) => {
    const other = new Float64Array(rows.slice(0));
    other[at] = value;
    return { ...block, rows: other.buffer };
  };
  assert.ok(eventsSchema.safeParse([changed(1, 17)]).success);
  for (const wrong of [
    cut(12 * 8),
    cut(11),
    changed(1, 1.5),
    changed(1, 0),
    changed(2, Number.NaN),
    changed(9 + 8, Number.NEGATIVE_INFINITY),
    { ...block, terms: ['task'] },
    { ...block, rows: [1, 2, 3] },
  ])
    assert.equal(eventsSchema.safeParse([wrong]).success, false);
});
