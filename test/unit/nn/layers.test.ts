import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import { batchNorm, type Construction, conv, dropout, scaledChannels } from '../../../src/nn/layers';
import { buildSegmenter } from '../../../src/nn/registry';
import type { ForwardOptions, Segmenter, SegmenterSpec } from '../../../src/nn/segmenter';

let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});
const construction = (seed = 1): Construction => ({
  engine,
  random: RandomStream.seeded(seed, 'init'),
  weights: new Map(),
});
const frozen: ForwardOptions = { batchNorm: 'frozen', dropout: null };
const values = (c: Construction, name: string) => [...c.weights.get(name)!.variable.dataSync()];
const std = (v: number[]) => Math.sqrt(v.reduce((s, x) => s + x * x, 0) / v.length);
const near = (a: number, b: number, tolerance: number) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b} within ${tolerance}`);
const spec: SegmenterSpec = {
  model: 'deeplabv3',
  backbone: 'resnet18',
  classes: 4,
  inputChannels: 3,
  width: 0.0625,
};
const build = (change: Partial<SegmenterSpec> = {}, seed = 1): Segmenter =>
  buildSegmenter(engine, { ...spec, ...change }, RandomStream.seeded(seed, 'init'));
const noiseImage = (n: number, channels = 3) =>
  engine.tf.randomNormal([n, 32, 40, channels], 0, 1, 'float32', 5) as Tensor4D;

test('channel counts are multiples of 4, at least 4, and as published at width 1', () => {
  assert.deepEqual(
    [64, 128, 512].map((c) => scaledChannels(c, 1)),
    [64, 128, 512],
  );
  assert.deepEqual(
    [0.01, 0.25, 0.3, 2].map((w) => scaledChannels(64, w)),
    [4, 16, 20, 128],
  );
});

test('backbone convolutions are Kaiming normal, fan out; others as PyTorch leaves them', () => {
  const c = construction();
  conv(c, 'a', { from: 32, to: 64, kernel: 3, init: 'fan-out' });
  near(std(values(c, 'a.weight')), Math.sqrt(2 / (64 * 9)), 0.001);
  conv(c, 'b', { from: 32, to: 64, kernel: 3, bias: true, init: 'default' });
  const bound = 1 / Math.sqrt(32 * 9);
  for (const name of ['b.weight', 'b.bias']) {
    assert.ok(
      values(c, name).every((v) => Math.abs(v) <= bound),
      name,
    );
    near(std(values(c, name)), bound / Math.sqrt(3), 0.2 * bound);
  }
});

test('the channel of the label is N(0, 0.1^2), the image channels are not', () => {
  const c = construction();
  conv(c, 'a', { from: 4, to: 640, kernel: 3, init: 'fan-out', extraInputs: 1 });
  const ofInput = (input: number) =>
    values(c, 'a.weight').filter((_, i) => Math.floor(i / 640) % 4 === input);
  near(std(ofInput(3)), 0.1, 0.005);
  for (const input of [0, 1, 2]) near(std(ofInput(input)), Math.sqrt(2 / (640 * 9)), 0.001);
});

test('running statistics follow PyTorch: momentum 0.1, unbiased variance; `batch` and `frozen` leave them alone', () => {
  const c = construction();
  const layer = batchNorm(c, 'bn', 1);
  const x = engine.tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);
  const running = () => [values(c, 'bn.running_mean')[0]!, values(c, 'bn.running_var')[0]!];
  layer(x, { ...frozen, batchNorm: 'batch' });
  layer(x, frozen);
  assert.deepEqual(running(), [0, 1]);
  layer(x, { ...frozen, batchNorm: 'train' });
  near(running()[0]!, 0.3, 1e-6);
  near(running()[1]!, 0.9 + 0.1 * (14 / 3), 1e-6);
  layer(x, { ...frozen, batchNorm: 'train' });
  near(running()[0]!, 0.57, 1e-6);
});

test('batch norm of single values is refused, as in PyTorch', () => {
  const layer = batchNorm(construction(), 'head.aspp.b4.gap.2', 3);
  const x = engine.tf.zeros([1, 1, 1, 3]) as Tensor4D;
  assert.throws(() => layer(x, { ...frozen, batchNorm: 'train' }), {
    code: 'usage',
    message: /head\.aspp\.b4\.gap\.2: .* batch of at least 2/,
  });
  assert.deepEqual([...layer(x, frozen).dataSync()], [0, 0, 0]);
});

test('dropout zeroes the given share and keeps the mean; without a stream it does nothing', () => {
  const layer = dropout(construction(), 0.3);
  const x = engine.tf.ones([1, 100, 100, 1]) as Tensor4D;
  assert.equal(layer(x, frozen), x);
  const dropped = [...layer(x, { ...frozen, dropout: RandomStream.seeded(2, 'dropout') }).dataSync()];
  near(dropped.filter((v) => v === 0).length / dropped.length, 0.3, 0.02);
  assert.ok(dropped.every((v) => v === 0 || Math.abs(v - 1 / 0.7) < 1e-6));
});

test('dropout in a network: repeatable from the state of its stream, and on in neither evaluation nor teacher', () => {
  const network = build();
  const x = noiseImage(2);
  const run = (random: RandomStream | null) => [
    ...network.forward(x, { batchNorm: 'batch', dropout: random }).logits.dataSync(),
  ];
  const random = RandomStream.seeded(4, 'dropout');
  const state = random.state();
  const first = run(random);
  assert.notDeepEqual(run(random), first);
  assert.deepEqual(run(new RandomStream(state)), first);
  assert.deepEqual(run(null), run(null));
});

test('the same seed gives the same network, another seed another one', () => {
  const of = (s: Segmenter) => [...s.weights.values()].flatMap(({ variable }) => [...variable.dataSync()]);
  assert.deepEqual(of(build()), of(build()));
  assert.notDeepEqual(of(build({}, 2)), of(build()));
});

for (const model of ['deeplabv3', 'pspnet'] as const)
  test(`${model}: a pass leaves its three outputs behind, and the network nothing once disposed of`, () => {
    const { tf } = engine;
    const x = noiseImage(2);
    const before = tf.memory().numTensors;
    const network = build({ model });
    const built = tf.memory().numTensors;
    assert.equal(built - before, network.weights.size);
    const outputs = network.forward(x, { batchNorm: 'train', dropout: RandomStream.seeded(1, 'd') });
    assert.equal(tf.memory().numTensors, built + 3);
    tf.dispose([outputs.logits, outputs.auxLogits, outputs.features]);
    network.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
