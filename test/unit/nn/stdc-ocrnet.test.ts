import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSegmenter } from '../../../src/nn/cost';
import { describeNetwork, resolveSpec, type SegmenterChoice } from '../../../src/nn/networks';
import type { BackboneName } from '../../../src/protocol/networks';

const choice = (backbone: BackboneName, change: Partial<SegmenterChoice> = {}): SegmenterChoice => ({
  model: backbone.startsWith('stdc') ? 'stdc' : 'ocrnet',
  backbone,
  classes: 19,
  inputChannels: 3,
  width: 1,
  ...change,
});
const cost = (c: SegmenterChoice, height = 128, width = 256) =>
  describeSegmenter(c, { height, width, batch: 1 });
const parameters = (c: SegmenterChoice) => cost(c).totals.parameters;
const millions = (n: number) => (n / 1e6).toFixed(3);

/** Of a 3x3 convolution without bias and its batch norm, and the 1x1 convolution after it. */
const head = (from: number, mid: number, to: number) => from * mid * 9 + 2 * mid + mid * to;

test('STDC: parameters as published, of the classification network, of the checkpoint and of inference', () => {
  // Layers of the official network that nothing here uses: conv_last, fc, bn and linear; detail heads at 1/2, 1/4, 1/16.
  const classifier = 1024 * 1024 + 2 * 1024 + 1024 * 1024 + 2 * 1024 + 1024 * 1000;
  const unseen = head(32, 64, 1) + head(64, 64, 1) + head(512, 64, 1);
  for (const [backbone, classification, segmentation, inference] of [
    ['stdc1', '8.444', '12.049', '8.275'],
    ['stdc2', '12.474', '16.079', '12.306'],
  ] as const) {
    const all = cost(choice(backbone));
    const features = all.layers
      .filter(({ name }) => name.startsWith('cp.backbone.features.'))
      .reduce((sum, layer) => sum + layer.parameters, 0);
    assert.equal(millions(features + classifier), classification);
    assert.equal(millions(all.totals.parameters + classifier + unseen), segmentation);
    assert.equal(millions(parameters(choice(backbone, { auxHead: false }))), inference);
  }
});

test('STDC: stages of 32, 64, 256, 512 and 1024 channels at 1/2 to 1/32; logits at 1/8', () => {
  const { layers } = cost(choice('stdc1'));
  const of = (name: string, kind: string) =>
    layers.filter((layer) => `${layer.name}.`.startsWith(name) && layer.kind === kind).at(-1)!.output;
  assert.deepEqual(
    [0, 1, 3, 5, 7].map((i) => of(`cp.backbone.features.${i}.`, i < 2 ? 'relu' : 'concat')),
    [
      [1, 64, 128, 32],
      [1, 32, 64, 64],
      [1, 16, 32, 256],
      [1, 8, 16, 512],
      [1, 4, 8, 1024],
    ],
  );
  assert.deepEqual(of('conv_out.conv_out', 'conv'), [1, 16, 32, 19]);
  assert.deepEqual(of('conv_out32.conv_out', 'conv'), [1, 8, 16, 19]);
  assert.deepEqual(of('conv_out_sp8.conv_out', 'conv'), [1, 16, 32, 1]);
});

test('OCRNet: parameters as published, of the backbone and of both heads', () => {
  for (const [backbone, total] of [
    ['hrnetv2-w18-small', 6_378_496],
    ['hrnetv2-w18', 12_080_036],
    ['hrnetv2-w48', 70_371_446],
  ] as const)
    assert.equal(parameters(choice(backbone)), total, backbone);
  const { layers } = cost(choice('hrnetv2-w18-small'));
  const part = (root: string) =>
    millions(
      layers.filter(({ name }) => name.startsWith(root)).reduce((sum, layer) => sum + layer.parameters, 0),
    );
  assert.deepEqual(['backbone.', 'decode_head.0.', 'decode_head.1.'].map(part), ['3.861', '0.079', '2.439']);
});

test('OCRNet: logits of both heads at 1/4, sizes rounded up; products of attention are counted', () => {
  const { layers, totals } = cost(choice('hrnetv2-w18-small'), 90, 130);
  const of = (name: string) => layers.find((layer) => layer.name === name)!;
  for (const head of [0, 1]) assert.deepEqual(of(`decode_head.${head}.conv_seg`).output, [1, 23, 33, 19]);
  const products = layers.filter(({ kind }) => kind === 'matMul');
  const pixels = 23 * 33;
  assert.deepEqual(
    products.map(({ output, multiplyAdds }) => ({ output, multiplyAdds })),
    [
      { output: [1, 19, 1, 512], multiplyAdds: pixels * 19 * 512 },
      { output: [1, 23, 33, 19], multiplyAdds: pixels * 19 * 256 },
      { output: [1, 23, 33, 256], multiplyAdds: pixels * 19 * 256 },
    ],
  );
  assert.ok(totals.multiplyAdds > totals.publishedMultiplyAdds);
});

test('a label channel for LAD widens the first convolution alone', () => {
  for (const [backbone, channels] of [
    ['stdc1', 32],
    ['hrnetv2-w18', 64],
  ] as const)
    assert.equal(
      parameters(choice(backbone, { inputChannels: 4 })) - parameters(choice(backbone)),
      9 * channels,
      backbone,
    );
});

test('outputs that train: names, kinds and published weights, the one RDD reads first', () => {
  const heads = (c: SegmenterChoice) =>
    describeNetwork(resolveSpec(c)).outputs.aux.map(({ name, kind, weight }) => [name, kind, weight]);
  assert.deepEqual(heads(choice('stdc2')), [
    ['aux8', 'classes', 1],
    ['aux16', 'classes', 1],
    ['detail8', 'detail', 1],
  ]);
  assert.deepEqual(heads(choice('stdc2', { auxHead: false })), []);
  assert.deepEqual(heads(choice('hrnetv2-w48')), [['coarse', 'classes', 0.4]]);
});

test('what cannot be built is refused with what can', () => {
  const refused = (c: SegmenterChoice, message: RegExp) =>
    assert.throws(() => resolveSpec(c), { code: 'config-invalid', message });
  refused(choice('stdc1', { backbone: 'resnet18' }), /stdc cannot be built with backbone "resnet18"/);
  refused(
    choice('hrnetv2-w18', { auxHead: false }),
    /ocrnet-hrnetv2-w18 .*cannot be built with auxHead false/,
  );
  refused(choice('stdc1', { style: 'mmseg' }), /stdc cannot be built with style "mmseg"/);
  refused(choice('stdc1', { outputStride: 16 }), /stdc cannot be built with outputStride 16/);
  refused(choice('stdc1', { stem: 'v1c' }), /stdc-stdc1 cannot be built with stem "v1c"/);
});

test('every channel count follows the width, down to the narrowest', () => {
  for (const backbone of ['stdc2', 'hrnetv2-w18'] as const) {
    const at = (width: number) => parameters(choice(backbone, { width }));
    // Parameters of convolutions grow with the square of the width.
    const ratio = at(2) / at(1);
    assert.ok(ratio > 3.8 && ratio < 4.1, `${backbone}: ${ratio}`);
    assert.ok(at(0.0625) < at(0.25) && at(0.25) < at(1), backbone);
  }
});
