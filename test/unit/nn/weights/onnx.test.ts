import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { streetScene } from '../../../../samples/streets';
import { normalise } from '../../../../src/data/normalise';
import type { Engine } from '../../../../src/engine/engine';
import { openEngine } from '../../../../src/engine/open';
import { RandomStream } from '../../../../src/engine/random';
import type { SegmenterChoice } from '../../../../src/nn/networks';
import { buildSegmenter } from '../../../../src/nn/registry';
import type { Segmenter } from '../../../../src/nn/segmenter';
import { alignsCorners } from '../../../../src/nn/spec';
import { torchShape, toTorch } from '../../../../src/nn/weights/layout';
import { exportOnnx } from '../../../../src/nn/weights/onnx/export';
import { fields, texts } from './onnx-fields';

/** One of each operation: every model, every backbone family, both ways of resizing; narrow, so that it takes a second. */
const networks: [string, Omit<SegmenterChoice, 'classes' | 'inputChannels' | 'width'>][] = [
  ['DeepLabV3 of CIRKD', { model: 'deeplabv3', backbone: 'resnet18' }],
  ['PSPNet of CIRKD', { model: 'pspnet', backbone: 'resnet18', stem: '7x7' }],
  ['DeepLabV3 on MobileNetV2', { model: 'deeplabv3', backbone: 'mobilenetv2', outputStride: 16 }],
  ['PSPNet of mmsegmentation', { model: 'pspnet', backbone: 'resnet50', style: 'mmseg' }],
  ['FCN of mmsegmentation', { model: 'fcn', backbone: 'resnet18', style: 'mmseg' }],
  ['STDC', { model: 'stdc', backbone: 'stdc1' }],
  ['OCRNet', { model: 'ocrnet', backbone: 'hrnetv2-w18-small' }],
];
const CLASSES = 5;
const PALETTE = Array.from({ length: CLASSES }, (_, i) => ({
  name: `class ${i}`,
  color: [i, 2 * i, 255] as const,
}));

let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});

/** Images of the embedded street scenes, as networks see them. */
function images(sizes: [number, number], names: string[]): Tensor4D {
  const [height, width] = sizes;
  const { tf } = engine;
  return tf.tidy(() =>
    tf.stack(
      names.map((name) =>
        tf.tensor3d(
          normalise({ width, height, data: Uint8Array.from(streetScene(1, name, width, height).rgb) }),
          [height, width, 3],
        ),
      ),
    ),
  ) as Tensor4D;
}

/** A network whose running statistics are those of real images, so that its logits are of the size of a trained one's. */
function network(choice: (typeof networks)[number][1], inputChannels = 3): Segmenter {
  const segmenter = buildSegmenter(
    engine,
    { ...choice, classes: CLASSES, inputChannels, width: 0.125 },
    RandomStream.seeded(3, 'onnx'),
  );
  const batch = images([48, 64], ['a', 'b', 'c']);
  if (inputChannels === 3)
    for (let i = 0; i < 30; i++)
      engine.tf.tidy(() => void segmenter.forward(batch, { batchNorm: 'train', dropout: null }));
  batch.dispose();
  return segmenter;
}

function exported(segmenter: Segmenter): Uint8Array {
  const weight = (name: string) => {
    const { variable, depthwise } = segmenter.weights.get(name)!;
    const layout = { shape: variable.shape, depthwise };
    return {
      shape: torchShape(layout),
      values: toTorch(variable.dataSync<'float32'>() as Float32Array, layout),
    };
  };
  return exportOnnx(segmenter.network, weight, {
    classes: PALETTE,
    preprocessing: { mean: [1, 2, 3] },
    version: '1.2.3',
  });
}

for (const [name, choice] of networks)
  test(`${name}: ONNX Runtime computes the same, for any number and size of images`, async () => {
    const { tf, ops } = engine;
    const segmenter = network(choice);
    const session = await InferenceSession.create(exported(segmenter));
    for (const [size, names] of [
      [
        [64, 96],
        ['d', 'e'],
      ],
      [[51, 75], ['f']],
    ] as [[number, number], string[]][]) {
      const x = images(size, names);
      const nchw = tf.transpose(x, [0, 3, 1, 2]);
      const out = await session.run({
        image: new Tensor('float32', nchw.dataSync() as Float32Array, nchw.shape),
      });
      const logits = segmenter.predict(x);
      const ours = tf.transpose(logits, [0, 3, 1, 2]);
      assert.deepEqual(out.logits!.dims, ours.shape);
      const theirs = out.logits!.data as Float32Array;
      const worst = (ours.dataSync() as Float32Array).reduce(
        (max, v, i) => Math.max(max, Math.abs(v - theirs[i]!)),
        0,
      );
      assert.ok(worst <= 1e-4, `logits differ by ${worst}`);

      const scores = ops.resizeBilinear(logits, size, alignsCorners(segmenter.spec));
      const classes = tf.argMax(scores, 3).dataSync();
      // Where two classes are closer than rounding, either is right.
      const top = tf.topk(scores, 2).values.dataSync();
      const decided = Array.from(classes, (_, i) => top[2 * i]! - top[2 * i + 1]! > 3 * worst);
      assert.ok(decided.filter(Boolean).length > 0.99 * decided.length);
      assert.deepEqual(out.classes!.dims, [names.length, ...size]);
      const labels = out.classes!.data as Uint8Array;
      assert.ok(
        classes.every((id, i) => !decided[i] || id === labels[i]),
        'classes differ',
      );
      assert.ok(new Set(labels).size > 1, 'a picture of one class shows nothing');
      tf.dispose([x, nchw, logits, ours, scores]);
    }
    segmenter.dispose();
  });

test('the file says how to use it, and holds nothing that only trains', async () => {
  const segmenter = network({ model: 'deeplabv3', backbone: 'resnet18' });
  const file = fields(exported(segmenter));
  assert.deepEqual(file.numbers(1), [10]);
  assert.deepEqual(texts(file, 2), ['Distillation Studio']);
  assert.deepEqual(texts(file, 3), ['1.2.3']);
  const [opset] = file.messages(8);
  assert.deepEqual(opset!.numbers(2), [22]);
  const metadata = Object.fromEntries(
    file.messages(14).map((entry) => [texts(entry, 1)[0], JSON.parse(texts(entry, 2)[0]!)]),
  );
  assert.deepEqual(metadata, {
    segmenter: segmenter.spec,
    preprocessing: { mean: [1, 2, 3] },
    classes: PALETTE.map((c) => c.name),
    palette: PALETTE.map((c) => [...c.color]),
  });
  const [graph] = file.messages(7);
  const constants = graph!.messages(5).flatMap((constant) => texts(constant, 8));
  for (const name of ['pretrained.conv1.weight', 'head.block.4.bias', 'head.aspp.b4.gap.2.running_var'])
    assert.ok(constants.includes(name), name);
  assert.ok(segmenter.weights.has('auxlayer.block.4.weight'));
  assert.deepEqual(
    constants.filter((name) => name.startsWith('auxlayer')),
    [],
  );
  assert.equal(new Set(constants).size, constants.length);

  const session = await InferenceSession.create(exported(segmenter));
  assert.deepEqual(
    session.inputMetadata.map((m) => (m.isTensor ? [m.name, m.type, m.shape] : [])),
    [['image', 'float32', ['batch', 3, 'height', 'width']]],
  );
  assert.deepEqual(
    session.outputMetadata.map((m) => (m.isTensor ? [m.name, m.type, m.shape] : [])),
    [
      ['logits', 'float32', ['batch', CLASSES, 'logits_height', 'logits_width']],
      ['classes', 'uint8', ['batch', 'height', 'width']],
    ],
  );
});

test("LAD's teacher keeps its fourth input channel", async () => {
  const session = await InferenceSession.create(
    exported(network({ model: 'deeplabv3', backbone: 'resnet18' }, 4)),
  );
  const [input] = session.inputMetadata;
  assert.deepEqual(input?.isTensor && input.shape, ['batch', 4, 'height', 'width']);
});
