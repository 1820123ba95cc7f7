import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { openEngine } from '../../src/engine/open';
import { findTensorFlow } from '../../src/engine/tensorflow-home';
import { temporaryFolder } from '../unit/run/fixtures';
import { pythonWithTorch, withoutPyTorch } from './python';
import { CASES } from './trajectories/cases';
import { distance, largestDifference } from './trajectories/compare';
import { follow, prepare, type Trajectory } from './trajectories/trajectory';

/** 30 steps of our trainer beside 30 steps of PyTorch, from the same weights on the same batches. docs/fidelity.md has larger ones. */
const TOLERANCE = 1e-3;

const tensorflow = findTensorFlow();
const withoutTensorFlow =
  !tensorflow.found && process.env.DISTILL_REQUIRE_TENSORFLOW !== '1' ? tensorflow.reason : false;

describe('trajectories beside PyTorch', { skip: withoutPyTorch || withoutTensorFlow }, () => {
  const folder = temporaryFolder();
  const steps = 30;
  let trajectories: Trajectory[];
  before(async () => {
    const engine = await openEngine('tensorflow');
    const setting = {
      folder,
      python: pythonWithTorch(),
      ...{ classes: 5, width: 0.125, size: 32, batch: 4, steps },
    };
    prepare(setting);
    trajectories = await follow(engine, setting, ['float32']);
  });
  for (const [name, { title }] of Object.entries(CASES))
    test(title, () => {
      const { ours, pytorch, weights } = trajectories.find((one) => one.name === name)!;
      assert.equal(ours.length, steps);
      assert.deepEqual(Object.keys(ours[0]!).sort(), Object.keys(pytorch.float32[0]!).sort());
      const worst = largestDifference(ours, pytorch.float32);
      assert.ok(worst.relative <= TOLERANCE, `${worst.term} of step ${worst.step} is ${worst.relative} away`);
      const apart = distance(weights.ours, weights.float32);
      assert.ok(apart <= TOLERANCE, `the final weights are ${apart} of their norm away`);
    });
});
