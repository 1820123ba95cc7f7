import assert from 'node:assert/strict';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { crossEntropy } from '../../src/distill/losses/cross-entropy';
import { cwd } from '../../src/distill/losses/cwd';
import { ladConsistency } from '../../src/distill/losses/lad-consistency';
import type { Engine } from '../../src/engine/engine';
import { type Case, close, norm } from './cases';
import { commonInputs } from './inputs';

const temperature = 4;

function weighted({ tf }: Engine, ...terms: [number, Scalar][]): Scalar {
  return tf.addN(terms.map(([weight, term]) => tf.mul(term, weight))) as Scalar;
}

/** Dual path: S, A1 are the heads of the first view, T, A2 those of the second. */
function teacherTask(engine: Engine, s: Tensor4D, a1: Tensor4D, t: Tensor4D, a2: Tensor4D, labels: Tensor3D) {
  const ce = (logits: Tensor4D) => crossEntropy(engine, logits, labels);
  return weighted(engine, [1, ce(s)], [0.4, ce(a1)], [1, ce(t)], [0.4, ce(a2)]);
}

export const ladCases: Case[] = [
  {
    name: 'L1: dual-path consistency',
    run(engine) {
      const { S, T } = commonInputs(engine);
      close(ladConsistency(engine, S, T, { temperature }), 11.5322449187);
    },
  },
  {
    name: 'L2, L3: task and total loss of the teacher',
    run(engine) {
      const { S, T, A1, A2, labels } = commonInputs(engine);
      const task = teacherTask(engine, S, A1, T, A2, labels);
      close(task, 7.44728526196);
      close(weighted(engine, [1, task], [5, ladConsistency(engine, S, T, { temperature })]), 65.1085098557);
    },
  },
  {
    name: 'L4: gradients of the total; each path is pulled to the other held fixed',
    run(engine) {
      const { S, T, A1, A2, labels } = commonInputs(engine);
      const total = (s: Tensor, t: Tensor) =>
        weighted(
          engine,
          [1, teacherTask(engine, s as Tensor4D, A1, t as Tensor4D, A2, labels)],
          [5, ladConsistency(engine, s as Tensor4D, t as Tensor4D, { temperature })],
        );
      const [gradS, gradT] = engine.tf.grads(total)([S, T]);
      close(gradS!, -0.0828754820895);
      close(norm(gradS!), 1.09922180063);
      close(norm(gradT!), 1.12781283636);
    },
  },
  {
    name: 'L5, L6: total loss of the student',
    run(engine) {
      const { S, T, A1, labels } = commonInputs(engine);
      const total = (aux: number) =>
        weighted(
          engine,
          [1, crossEntropy(engine, S, labels)],
          [aux, crossEntropy(engine, A1, labels)],
          [3, cwd(engine, S, T, { temperature })],
        );
      close(total(0.02), 19.3789904221);
      close(total(0.4), 19.9975237211);
    },
  },
  {
    name: 'T3: a batch of ignored pixels has loss 0 and gradient 0',
    run(engine) {
      const { S, labels } = commonInputs(engine);
      const ignored = engine.tf.fill(labels.shape, -1, 'int32') as Tensor3D;
      for (const reduction of ['valid', 'all', 'weights'] as const) {
        const loss = (s: Tensor) =>
          crossEntropy(engine, s as Tensor4D, ignored, {
            reduction,
            weights: engine.tf.ones(labels.shape) as Tensor3D,
          });
        assert.equal(loss(S).dataSync()[0], 0);
        assert.ok(
          engine.tf
            .grad(loss)(S)
            .dataSync()
            .every((v) => v === 0),
        );
      }
    },
  },
];
