import assert from 'node:assert/strict';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { crossEntropy, resizeToLabels } from '../../src/distill/losses/cross-entropy';
import { kd } from '../../src/distill/losses/kd';
import { tfeDifficulty, tfeDivergence, tfeWeights } from '../../src/distill/losses/rdd-tfe';
import {
  CITYSCAPES_CLASS_WEIGHTS,
  type TseMode,
  type TseOptions,
  tseCombine,
  tseConfidence,
  tseHardMask,
  tseWeights,
} from '../../src/distill/losses/rdd-tse';
import type { Engine } from '../../src/engine/engine';
import { type Case, close } from './cases';
import { type RddInputs, rddInputs } from './inputs';

const code = { direction: 'aux-main' } as const;
const paper = { direction: 'main-aux' } as const;

function count(mask: Tensor): number {
  return mask.dataSync<'float32'>().reduce((a: number, b: number) => a + b, 0);
}

function tfeMap(engine: Engine, { teacher, teacherAux }: RddInputs): Tensor3D {
  return tfeWeights(engine, tfeDifficulty(engine, teacher, teacherAux, code), [16, 20]);
}

/** Masks of both networks and their combinations, as numbers of pixels. */
function maskCounts(engine: Engine, { student, teacher, labels }: RddInputs, minKept: number) {
  const mask = (logits: Tensor4D) => {
    const confidence = tseConfidence(engine, resizeToLabels(engine, logits, labels), labels, 'label');
    return tseHardMask(engine, confidence, labels, { threshold: 0.7, minKept });
  };
  const s = mask(student);
  const t = mask(teacher);
  const both = count(tseCombine(engine, s, t, 'and'));
  return [count(s), count(t), count(tseCombine(engine, s, t, 'xor')), count(s) - both, count(t) - both];
}

function tseLoss(
  engine: Engine,
  student: Tensor4D,
  teacher: Tensor4D,
  labels: Tensor3D,
  options: Partial<TseOptions>,
): Scalar {
  const up = (logits: Tensor4D) => resizeToLabels(engine, logits, labels);
  const { weights } = tseWeights(engine, up(student), up(teacher), labels, {
    mode: 'xor',
    threshold: 0.7,
    minKept: 50,
    confidence: 'label',
    ...options,
  });
  return crossEntropy(engine, student, labels, { reduction: 'weights', weights });
}

const modes: TseMode[] = ['xor', 'or', 'and', 'ohem'];

export const rddCases: Case[] = [
  {
    name: 'R1: divergence of the heads as in the code, KL(aux || main)',
    run(engine) {
      const { teacher, teacherAux } = rddInputs(engine);
      const divergence = tfeDivergence(engine, teacher, teacherAux, code);
      close(engine.tf.mean(divergence), 2.32129023029);
      close(divergence, 0.349571180858);
    },
  },
  {
    name: 'R2: difficulty map at label size',
    run(engine) {
      const map = tfeMap(engine, rddInputs(engine));
      close(engine.tf.mean(map), 0.408712884672);
      close(map.dataSync()[(1 * 16 + 7) * 20 + 9]!, 0.380117194271);
    },
  },
  {
    name: 'R3: TFE task loss over all pixels',
    run(engine) {
      const inputs = rddInputs(engine);
      const options = { reduction: 'all', weights: tfeMap(engine, inputs) } as const;
      const main = crossEntropy(engine, inputs.student, inputs.labels, options);
      const aux = crossEntropy(engine, inputs.studentAux, inputs.labels, options);
      close(engine.tf.add(main, engine.tf.mul(aux, 0.4)), 1.03291576411);
    },
  },
  {
    name: 'R4: the scalar variant of the scripts for other methods',
    run(engine) {
      const inputs = rddInputs(engine);
      const { tf } = engine;
      const main = crossEntropy(engine, inputs.student, inputs.labels);
      const aux = crossEntropy(engine, inputs.studentAux, inputs.labels);
      close(tf.mul(tf.add(main, tf.mul(aux, 0.4)), tf.mean(tfeMap(engine, inputs))), 1.14642612025);
    },
  },
  {
    name: 'R5: divergence of the paper, KL(main || aux)',
    run(engine) {
      const { teacher, teacherAux } = rddInputs(engine);
      close(engine.tf.mean(tfeDivergence(engine, teacher, teacherAux, paper)), 0.941377408625);
      close(engine.tf.mean(tfeDifficulty(engine, teacher, teacherAux, paper)), 0.551485575634);
    },
  },
  {
    name: 'R6: KD at temperature 1',
    run(engine) {
      const { student, teacher } = rddInputs(engine);
      close(kd(engine, student, teacher, { temperature: 1 }), 1.63894811938);
    },
  },
  {
    name: 'R7: TSE masks at threshold 0.7',
    run(engine) {
      const inputs = rddInputs(engine);
      for (const minKept of [0, 50, 300])
        assert.deepEqual(maskCounts(engine, inputs, minKept), [552, 314, 248, 243, 5]);
    },
  },
  {
    name: 'R8: TSE loss of the main head, XOR, OR, AND, OHEM',
    run(engine) {
      const { student, teacher, labels } = rddInputs(engine);
      const expected = [2.02944966655, 2.15337965533, 2.2528445007, 2.17055819018];
      for (const [i, mode] of modes.entries())
        close(tseLoss(engine, student, teacher, labels, { mode }), expected[i]!);
    },
  },
  {
    name: 'R9: the same with class weights of Cityscapes',
    run(engine) {
      const { student, teacher, labels } = rddInputs(engine);
      const expected = [2.04302353661, 2.16397525242, 2.26109711252, 2.18110565976];
      const classWeights = CITYSCAPES_CLASS_WEIGHTS;
      for (const [i, mode] of modes.entries())
        close(tseLoss(engine, student, teacher, labels, { mode, classWeights }), expected[i]!);
    },
  },
  {
    name: 'R10: TSE loss of both heads',
    run(engine) {
      const i = rddInputs(engine);
      const both = (options: Partial<TseOptions>) =>
        engine.tf.add(
          tseLoss(engine, i.student, i.teacher, i.labels, options),
          engine.tf.mul(tseLoss(engine, i.studentAux, i.teacherAux, i.labels, options), 0.4),
        );
      close(both({}), 2.63701234291);
      close(both({ classWeights: CITYSCAPES_CLASS_WEIGHTS }), 2.6530705314);
    },
  },
  {
    name: 'R11: a floor of 400 pixels raises the threshold of the teacher',
    run(engine) {
      const inputs = rddInputs(engine);
      assert.deepEqual(maskCounts(engine, inputs, 400), [552, 400, 174, 163, 11]);
      const { student, teacher, labels } = inputs;
      close(tseLoss(engine, student, teacher, labels, { minKept: 400 }), 1.92787225669);
    },
  },
  {
    name: 'R12: hard pixels of the paper, largest probability at most 0.7',
    run(engine) {
      const { student, teacher, labels } = rddInputs(engine);
      const { tf } = engine;
      const hard = [student, teacher].map((z) =>
        tf.lessEqual(tseConfidence(engine, resizeToLabels(engine, z, labels), labels, 'max'), 0.7),
      );
      assert.deepEqual(
        hard.map((mask) => count(tf.cast(mask, 'float32'))),
        [606, 340],
      );
      const { weights } = tseWeights(
        engine,
        resizeToLabels(engine, student, labels),
        resizeToLabels(engine, teacher, labels),
        labels,
        { mode: 'xor', threshold: 0.7, minKept: 0, confidence: 'max' },
      );
      assert.equal(count(weights), 253);
    },
  },
  {
    name: 'R13: a floor above the number of labelled pixels keeps all of them',
    run(engine) {
      assert.deepEqual(maskCounts(engine, rddInputs(engine), 100_000), [584, 584, 0, 0, 0]);
    },
  },
  {
    name: 'T2: the TFE weights carry no gradient to the teacher',
    run(engine) {
      const { student, teacher, teacherAux, labels } = rddInputs(engine);
      const loss = (main: Tensor, aux: Tensor, options: typeof code | typeof paper) => {
        const difficulty = tfeDifficulty(engine, main as Tensor4D, aux as Tensor4D, options);
        const weights = tfeWeights(engine, difficulty, [16, 20]);
        return crossEntropy(engine, student, labels, { reduction: 'all', weights });
      };
      // One head at a time: with two, the same error would come if a single one were cut off.
      for (const options of [code, paper]) {
        const heads = [
          () => engine.tf.grad((x) => loss(x, teacherAux, options))(teacher),
          () => engine.tf.grad((x) => loss(teacher, x, options))(teacherAux),
        ];
        for (const gradient of heads) assert.throws(gradient, /Cannot compute gradient of y=f\(x\)/);
      }
    },
  },
  {
    name: 'the TSE mask carries no gradient, the cross entropy it weights does',
    run(engine) {
      const { student, teacher, labels } = rddInputs(engine);
      const { tf } = engine;
      const up = resizeToLabels(engine, teacher, labels);
      const options = { mode: 'xor', threshold: 0.7, minKept: 50, confidence: 'label' } as const;
      const { weights } = tseWeights(engine, resizeToLabels(engine, student, labels), up, labels, options);
      const fixed = tf.grad((z) =>
        crossEntropy(engine, z as Tensor4D, labels, { reduction: 'weights', weights }),
      )(student);
      const own = tf.grad((z) => tseLoss(engine, z as Tensor4D, teacher, labels, {}))(student);
      assert.ok(count(tf.abs(fixed)) > 0);
      assert.deepEqual(own.dataSync(), fixed.dataSync());
    },
  },
  {
    name: 'T4: an empty XOR mask gives 0 and no NaN in the gradient',
    run(engine) {
      const { student, labels } = rddInputs(engine);
      const loss = (z: Tensor) =>
        tseLoss(engine, z as Tensor4D, student, labels, { classWeights: CITYSCAPES_CLASS_WEIGHTS });
      assert.equal(loss(student).dataSync()[0], 0);
      assert.ok(
        engine.tf
          .grad(loss)(student)
          .dataSync()
          .every((v) => v === 0),
      );
    },
  },
];
