import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Scalar, Tensor, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import { crossEntropy, resizeToLabels } from '../../src/distill/losses/cross-entropy';
import type { Engine } from '../../src/engine/engine';
import { RandomStream } from '../../src/engine/random';
import type { Weight } from '../../src/nn/make-weights';
import type { SegmenterChoice } from '../../src/nn/networks';
import { buildSegmenter } from '../../src/nn/registry';
import type { Segmenter, SegmenterOutput } from '../../src/nn/segmenter';
import { alignsCorners } from '../../src/nn/spec';
import { fromTorch, torchShape, toTorch } from '../../src/nn/weights/layout';
import type { Case } from './cases';
import { labelMap, nhwc, wave } from './inputs';

/** Norm, and the sum of value * cos(position). */
type Summary = [number, number];

/** Numbers of the same networks in PyTorch, written by the scripts in pytorch/; their formulas are those of common.py. */
interface Fixture {
  /** `calm`: weights of these names are a twentieth of what the formula gives; why, common.py says. */
  case: SegmenterChoice & { size: [number, number]; calm: string };
  /** Outputs in evaluation, by name: logits, features and auxiliary ones. */
  evaluation: Record<string, { shape: number[]; summary: Summary; step: number; values: number[] }>;
  /** A step of training; gradients by name of the weight, statistics by name of the batch norm, sorted. */
  training: {
    /** Before and after the step. */
    losses: [number, number];
    gradients: Summary[];
    /** Of the mean, of the variance. */
    running: [...Summary, ...Summary][];
  };
}

const IMAGES = 3;
const CONTRAST = [1, 0.25, 2];
const BRIGHTNESS = [0, 1.5, -1];
const NOISE = Float64Array.from({ length: 65_521 }, (_, j) => Math.sin(0.618034 * j * j + 1));
const LR = 0.002;
const WEIGHT_DECAY = 1e-4;

/** N3: the networks of a fixture file against PyTorch, in evaluation and over a step of training. */
export function parityCases(file: string): Case[] {
  const { cases }: { cases: Fixture[] } = JSON.parse(
    readFileSync(join(__dirname, 'pytorch', `${file}.json`), 'utf8'),
  );
  return cases.map((fixture) => {
    const { model, backbone, size, width, style, stem, outputStride } = fixture.case;
    const what = [`${model}-${backbone}`, style, stem, outputStride, `width ${width}`, size.join('x')];
    const name = what.filter((part) => part !== undefined).join(', ');
    return {
      name: `N3: ${name} equals PyTorch in evaluation and over a step of training`,
      run: (engine) => compare(engine, fixture),
    };
  });
}

function compare(engine: Engine, fixture: Fixture): void {
  const segmenter = buildSegmenter(engine, fixture.case, RandomStream.seeded(1, 'init'));
  try {
    fill(engine, segmenter, fixture.case.calm);
    const x = images(engine, fixture.case);
    compareOutputs(engine, segmenter.forward(x, { batchNorm: 'frozen', dropout: null }), fixture);
    compareStep(engine, segmenter, x, fixture);
  } finally {
    segmenter.dispose();
  }
}

function compareOutputs({ tf }: Engine, { logits, features, aux }: SegmenterOutput, fixture: Fixture): void {
  const outputs: Record<string, Tensor4D> = { logits, features };
  for (const output of aux) outputs[output.name] = output.logits;
  assert.deepEqual(Object.keys(outputs).sort(), Object.keys(fixture.evaluation).sort());
  for (const [name, expected] of Object.entries(fixture.evaluation)) {
    const tensor = tf.transpose(outputs[name]!, [0, 3, 1, 2]);
    const values = tensor.dataSync<'float32'>() as Float32Array;
    assert.deepEqual(tensor.shape, expected.shape, name);
    const [norm] = expected.summary;
    within(summary(values), expected.summary, 1e-4 * norm, name);
    // Single values: 1e-4 of the value, or of the size of all.
    const scale = norm / Math.sqrt(values.length);
    for (const [i, v] of expected.values.entries()) {
      const at = i * expected.step;
      within([values[at]!], [v], 1e-4 * (Math.abs(v) + scale), `${name}[${at}]`);
    }
  }
}

function compareStep(engine: Engine, segmenter: Segmenter, x: Tensor4D, fixture: Fixture): void {
  const { losses, gradients, running } = fixture.training;
  const { tf } = engine;
  const labels = labelsOf(engine, fixture);
  const weights = [...segmenter.weights].sort(([a], [b]) => (a < b ? -1 : 1));
  const trainable = weights.filter(([, w]) => w.trainable);
  const { value, grads } = tf.variableGrads(
    () => taskLoss(engine, segmenter, x, labels),
    trainable.map(([, w]) => w.variable),
  );
  const [before, after] = losses;
  within([value.dataSync()[0]!], [before], 1e-4 * before, 'loss');

  // 1e-3 of the gradient, and no finer than 5e-6 of the largest: gradients that are nothing in exact arithmetic, as that of a
  // bias before a batch norm, are rounding.
  const largest = Math.max(...gradients.map(([norm]) => norm));
  assert.equal(trainable.length, gradients.length);
  for (const [i, [name, weight]] of trainable.entries()) {
    const expected = gradients[i]!;
    const values = torchOrder(weight, grads[weight.variable.name]!);
    within(summary(values), expected, 1e-3 * Math.max(expected[0], 5e-3 * largest), `gradient of ${name}`);
  }

  const statistics = weights.filter(([name]) => name.endsWith('.running_mean'));
  assert.equal(statistics.length, running.length);
  for (const [i, [mean]] of statistics.entries())
    for (const [part, name] of [mean, mean.replace(/mean$/, 'var')].entries()) {
      const expected = running[i]!.slice(2 * part) as Summary;
      const weight = segmenter.weights.get(name)!;
      within(summary(torchOrder(weight, weight.variable)), expected.slice(0, 2), 1e-3 * expected[0], name);
    }

  // The first step of SGD: its momentum begins with this gradient.
  for (const [, { variable }] of trainable)
    tf.tidy(() => {
      const gradient = tf.add(grads[variable.name]!, tf.mul(variable, WEIGHT_DECAY));
      variable.assign(tf.sub(variable, tf.mul(gradient, LR)) as typeof variable);
    });
  within([taskLoss(engine, segmenter, x, labels).dataSync()[0]!], [after], 1e-3 * after, 'loss after a step');
}

/** Every output gets a gradient; weights are not the published ones, which the trainer knows. */
function taskLoss(engine: Engine, segmenter: Segmenter, x: Tensor4D, labels: Tensor3D): Scalar {
  const { tf } = engine;
  const { logits, aux } = segmenter.forward(x, { batchNorm: 'train', dropout: null });
  const align = alignsCorners(segmenter.spec);
  const task = (z: Tensor4D) => crossEntropy(engine, resizeToLabels(engine, z, labels, align), labels);
  return aux.reduce(
    (sum, { kind, logits: z }) =>
      tf.add<Scalar>(sum, tf.mul(kind === 'classes' ? task(z) : tf.mean(tf.mul(z, z)), 0.4)),
    task(logits),
  );
}

function fill({ tf }: Engine, { weights }: Segmenter, calm: string): void {
  for (const [name, { variable, depthwise }] of weights) {
    const layout = { shape: variable.shape, depthwise };
    const values = fromTorch(formula(name, torchShape(layout)), layout);
    if (new RegExp(calm).test(name)) for (let i = 0; i < values.length; i++) values[i]! *= 0.05;
    tf.tidy(() => variable.assign(tf.tensor(values, layout.shape) as typeof variable));
  }
}

function formula(name: string, shape: readonly number[]): Float32Array {
  const size = shape.reduce((a, b) => a * b, 1);
  const k = [...name].reduce((sum, c, i) => sum + (i + 1) * c.charCodeAt(0), 0) % 997;
  const series = (of: (i: number) => number) => {
    const out = new Float32Array(size);
    for (let i = 0; i < size; i++) out[i] = of(i);
    return out;
  };
  if (shape.length === 4) {
    const amp = 2 / Math.sqrt(size / shape[0]!);
    let j = (97 * k) % NOISE.length;
    // Of tens of millions of weights, a remainder for each would take longer than the step.
    return series(() => {
      if (j === NOISE.length) j = 0;
      return amp * NOISE[j++]!;
    });
  }
  if (name.endsWith('running_mean')) return series((i) => 0.1 * Math.sin(1.3 * i + 0.2 * k));
  if (name.endsWith('running_var')) return series((i) => 1 + 0.3 * Math.sin(1.1 * i + 0.4 * k));
  if (name.endsWith('weight')) return series((i) => 1 + 0.2 * Math.sin(0.9 * i + 0.5 * k));
  return series((i) => 3 + 0.5 * Math.sin(1.7 * i + 0.6 * k));
}

function images({ tf }: Engine, { inputChannels, size: [h, w] }: Fixture['case']): Tensor4D {
  const perImage = inputChannels * h * w;
  const values = wave(IMAGES * perImage, 0.37, 0.1, 2).map((v, i) => {
    const image = Math.floor(i / perImage);
    return v * CONTRAST[image]! + BRIGHTNESS[image]!;
  });
  return tf.tensor4d(nhwc(values, [IMAGES, inputChannels, h, w]), [IMAGES, h, w, inputChannels]);
}

function labelsOf({ tf }: Engine, { case: { size, classes } }: Fixture): Tensor3D {
  const shape: [number, number, number] = [IMAGES, ...size];
  const rule = (n: number, y: number, x: number) =>
    ((7 * n + Math.floor(y / 5) + Math.floor(x / 7)) % (classes + 1)) - 1;
  return tf.tensor3d(labelMap(shape, rule), shape, 'int32');
}

/** Values of a weight, or of its gradient, in PyTorch's order. */
function torchOrder({ depthwise }: Weight, x: Tensor): Float32Array {
  return toTorch(x.dataSync<'float32'>() as Float32Array, { shape: x.shape, depthwise });
}

function summary(values: Float32Array): Summary {
  const cosines = cosinesOf(values.length);
  let squares = 0;
  let signed = 0;
  for (let i = 0; i < values.length; i++) {
    squares += values[i]! ** 2;
    signed += values[i]! * cosines[i]!;
  }
  return [Math.sqrt(squares), signed];
}

let cosines = new Float64Array(0);
/** Of the first whole numbers; kept, as every tensor needs them. */
function cosinesOf(length: number): Float64Array {
  if (length > cosines.length) {
    cosines = new Float64Array(length);
    for (let i = 0; i < length; i++) cosines[i] = Math.cos(i);
  }
  return cosines;
}

function within(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  for (const [i, value] of actual.entries())
    assert.ok(
      Math.abs(value - expected[i]!) <= tolerance,
      `${what}: ${value} is not ${expected[i]} within ${tolerance}`,
    );
}
