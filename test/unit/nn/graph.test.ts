import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import { Graph, scaledChannels, type Value } from '../../../src/nn/graph';
import { makeWeights } from '../../../src/nn/make-weights';
import type { SegmenterChoice } from '../../../src/nn/networks';
import { buildSegmenter } from '../../../src/nn/registry';
import { type ForwardOptions, runGraph } from '../../../src/nn/run-graph';
import type { Segmenter } from '../../../src/nn/segmenter';

let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});
/** A network of a few layers on images of `channels`: its weights, and itself as a function. */
function small(channels: number, layers: (graph: Graph, x: Value) => Value) {
  const graph = new Graph();
  const out = layers(graph, graph.input(channels));
  const weights = makeWeights(engine, graph.values, RandomStream.seeded(1, 'init'));
  return {
    values: (name: string) => [...weights.get(name)!.variable.dataSync()],
    run: (x: Tensor4D, options: ForwardOptions) =>
      runGraph({ engine, weights }, graph.values, [out], x, options)[0]!,
  };
}
const frozen: ForwardOptions = { batchNorm: 'frozen', dropout: null };
const std = (v: number[]) => Math.sqrt(v.reduce((s, x) => s + x * x, 0) / v.length);
const near = (a: number, b: number, tolerance: number) =>
  assert.ok(Math.abs(a - b) <= tolerance, `${a} is not ${b} within ${tolerance}`);
const spec: SegmenterChoice = {
  model: 'deeplabv3',
  backbone: 'resnet18',
  classes: 4,
  inputChannels: 3,
  width: 0.0625,
};
const build = (change: Partial<SegmenterChoice> = {}, seed = 1): Segmenter =>
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
  const { values } = small(32, (graph, x) => {
    graph.conv(x, 'a', { to: 64, kernel: 3, init: 'fan-out' });
    graph.conv(x, 'b', { to: 64, kernel: 3, bias: true, init: 'default' });
    graph.conv(x, 'c', { to: 640, kernel: 1, bias: true, init: 'classifier' });
    return graph.conv(x, 'd', { to: 32, kernel: 3, depthwise: true, init: 'fan-out' });
  });
  near(std(values('a.weight')), Math.sqrt(2 / (64 * 9)), 0.001);
  const bound = 1 / Math.sqrt(32 * 9);
  for (const name of ['b.weight', 'b.bias']) {
    assert.ok(
      values(name).every((v) => Math.abs(v) <= bound),
      name,
    );
    near(std(values(name)), bound / Math.sqrt(3), 0.2 * bound);
  }
  near(std(values('c.weight')), 0.01, 0.0005);
  assert.ok(values('c.bias').every((v) => v === 0));
  // torch.nn.init counts 32 outputs for each tap of a depthwise filter.
  near(std(values('d.weight')), Math.sqrt(2 / (32 * 9)), 0.01);
});

test('the channel of the label is N(0, 0.1^2), the image channels are not', () => {
  const { values } = small(4, (graph, x) =>
    graph.conv(x, 'a', { to: 640, kernel: 3, init: 'fan-out', extraInputs: 1 }),
  );
  const ofInput = (input: number) => values('a.weight').filter((_, i) => Math.floor(i / 640) % 4 === input);
  near(std(ofInput(3)), 0.1, 0.005);
  for (const input of [0, 1, 2]) near(std(ofInput(input)), Math.sqrt(2 / (640 * 9)), 0.001);
});

test('batch norms begin as the identity, the last of a residual block of mmsegmentation as zero', () => {
  const { values } = small(2, (graph, x) => graph.batchNorm(graph.batchNorm(x, 'a'), 'b', true));
  const parts = ['weight', 'bias', 'running_mean', 'running_var'];
  assert.deepEqual(
    parts.map((part) => values(`a.${part}`)[0]),
    [1, 0, 0, 1],
  );
  assert.deepEqual(
    parts.map((part) => values(`b.${part}`)[0]),
    [0, 0, 0, 1],
  );
});

test('running statistics follow PyTorch: momentum 0.1, unbiased variance; `batch` and `frozen` leave them alone', () => {
  const { values, run } = small(1, (graph, x) => graph.batchNorm(x, 'bn'));
  const x = engine.tf.tensor4d([1, 2, 3, 6], [1, 2, 2, 1]);
  const running = () => [values('bn.running_mean')[0]!, values('bn.running_var')[0]!];
  run(x, { ...frozen, batchNorm: 'batch' });
  run(x, frozen);
  assert.deepEqual(running(), [0, 1]);
  run(x, { ...frozen, batchNorm: 'train' });
  near(running()[0]!, 0.3, 1e-6);
  near(running()[1]!, 0.9 + 0.1 * (14 / 3), 1e-6);
  run(x, { ...frozen, batchNorm: 'train' });
  near(running()[0]!, 0.57, 1e-6);
});

test('batch norm of single values is refused, as in PyTorch', () => {
  const { run } = small(3, (graph, x) => graph.batchNorm(x, 'head.aspp.b4.gap.2'));
  const x = engine.tf.zeros([1, 1, 1, 3]) as Tensor4D;
  assert.throws(() => run(x, { ...frozen, batchNorm: 'train' }), {
    code: 'usage',
    message: /head\.aspp\.b4\.gap\.2: .* batch of at least 2/,
  });
  assert.deepEqual([...run(x, frozen).dataSync()], [0, 0, 0]);
});

test('dropout zeroes the given share and keeps the mean; without a stream it does nothing', () => {
  const { run } = small(1, (graph, x) => graph.dropout(x, 0.3));
  const x = engine.tf.ones([1, 100, 100, 1]) as Tensor4D;
  assert.deepEqual([...run(x, frozen).dataSync()], [...x.dataSync()]);
  const dropped = [...run(x, { ...frozen, dropout: RandomStream.seeded(2, 'dropout') }).dataSync()];
  near(dropped.filter((v) => v === 0).length / dropped.length, 0.3, 0.02);
  assert.ok(dropped.every((v) => v === 0 || Math.abs(v - 1 / 0.7) < 1e-6));
});

test('dropout of channels zeroes whole maps', () => {
  const { run } = small(200, (graph, x) => graph.dropout(x, 0.3, true));
  const x = engine.tf.ones([1, 2, 3, 200]) as Tensor4D;
  const dropped = run(x, { ...frozen, dropout: RandomStream.seeded(2, 'dropout') });
  const pixels = dropped.arraySync()[0]!.flat();
  for (const pixel of pixels) assert.deepEqual(pixel, pixels[0]);
  near(pixels[0]!.filter((v) => v === 0).length / 200, 0.3, 0.1);
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
    tf.dispose([outputs.logits, outputs.aux[0]!.logits, outputs.features]);
    network.dispose();
    assert.equal(tf.memory().numTensors, before);
  });
