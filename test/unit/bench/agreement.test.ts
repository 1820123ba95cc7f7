import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requireSameWork } from '../../../bench/agreement';

test('steps that agree pass; the largest difference of the first one is told', () => {
  const ours = [
    { loss: 2, task: 1.5 },
    { loss: 1.9, task: 1.4 },
  ];
  const pytorch = [
    { task: 1.5003, loss: 2.001 },
    { task: 1.41, loss: 1.9 },
  ];
  const worst = requireSameWork(ours, pytorch);
  assert.ok(Math.abs(worst - 0.001 / 2.001) < 1e-12, `${worst}`);
});

test('a first step that is 0.2 % off is refused, a later one that is 2 % off, too', () => {
  assert.throws(
    () => requireSameWork([{ loss: 1 }], [{ loss: 1.002 }]),
    /not do the same work: in step 1 .*loss 1,/,
  );
  const first = { loss: 1 };
  assert.throws(() => requireSameWork([first, { loss: 1 }], [first, { loss: 1.02 }]), /in step 2/);
});

test('other terms, another number of steps and what is not a number are refused', () => {
  assert.throws(
    () => requireSameWork([{ loss: 1, kd: 0 }], [{ loss: 1 }]),
    /different terms: kd,loss and loss/,
  );
  assert.throws(() => requireSameWork([{ loss: 1 }], []), /1 steps, the other 0/);
  assert.throws(() => requireSameWork([{ loss: Number.NaN }], [{ loss: Number.NaN }]), /same work/);
});
