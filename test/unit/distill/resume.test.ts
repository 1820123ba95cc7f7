import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../../src/protocol/config';
import { journal, lastState, type Recorded, record, stepsOf, tinyConfig } from './support/runs';

/** LAD from its teacher stage into its student stage. */
const lad = tinyConfig({
  methods: [{ kind: 'lad' }],
  training: { iterations: 4, teacherIterations: 4, evaluateEvery: 2, sampleEvery: 3 },
});
/** RDD whose switch from TFE to TSE lies in the middle of the student stage. */
const rdd = tinyConfig({
  methods: [{ kind: 'rdd', warmup: 0.5 }],
  training: { iterations: 6, teacherIterations: 2, evaluateEvery: 3, sampleEvery: 2 },
});

/** Stops after so many steps of the run and goes on in what could be another process. */
async function interrupted(config: Config, after: number): Promise<Recorded> {
  const first = await record(config, { stopAfter: after });
  assert.equal(first.outcome, 'stopped');
  assert.equal(stepsOf(first).length, after);
  return record(config, { resumeFrom: first.checkpoints.at(-1)! });
}

/** Everything but the repeated announcement of the stage a resumed run is in. */
function without(events: unknown[], kind: string): unknown[] {
  return events.filter((event) => (event as { kind: string }).kind !== kind);
}

for (const [name, config, stops] of [
  ['LAD', lad, { 'in its teacher stage': 3, 'between the stages': 4, 'in its student stage': 6 }],
  ['RDD', rdd, { 'between the stages': 2, 'in TFE': 3, 'at the switch': 5, 'in TSE': 6 }],
] as const)
  test(`${name}: a run that is stopped and resumed equals the uninterrupted one bit for bit`, async (t) => {
    const whole = await record(config);
    assert.equal(whole.outcome, 'finished');
    for (const [where, after] of Object.entries(stops))
      await t.test(where, async () => {
        const rest = await interrupted(config, after);
        assert.equal(rest.outcome, 'finished');
        assert.deepEqual(lastState(rest), lastState(whole));
        const events = without(journal(rest), 'stage');
        assert.ok(events.length > 0);
        assert.deepEqual(events, without(journal(whole), 'stage').slice(-events.length));
        assert.deepEqual(rest.samples, whole.samples.slice(whole.samples.length - rest.samples.length));
      });
  });

test('the same seed gives the same run, another seed another one', async () => {
  const [first, second] = [await record(lad), await record(lad)];
  assert.deepEqual(journal(second), journal(first));
  assert.deepEqual(second.samples, first.samples);
  assert.deepEqual(lastState(second), lastState(first));
  const other = await record({ ...lad, training: { ...lad.training, seed: 2 } });
  assert.notDeepEqual(journal(other), journal(first));
});

test('evaluations and pictures do not change what is learnt', async () => {
  const watched = await record(lad);
  const rarely = await record({
    ...lad,
    training: { ...lad.training, evaluateEvery: 100, sampleEvery: 100 },
  });
  assert.equal(lastState(rarely)['student.safetensors'], lastState(watched)['student.safetensors']);
});
