import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import type { Engine } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import type { SegmenterChoice } from '../../../src/nn/networks';
import { buildSegmenter } from '../../../src/nn/registry';
import type { Segmenter } from '../../../src/nn/segmenter';
import { decodeSafetensors, encodeSafetensors, type SafeTensors } from '../../../src/nn/weights/safetensors';
import { exportWeights, importWeights } from '../../../src/nn/weights/state';

const spec: SegmenterChoice = {
  model: 'deeplabv3',
  backbone: 'resnet18',
  classes: 4,
  inputChannels: 3,
  width: 0.0625,
};
let engine: Engine;
before(async () => {
  engine = await openEngine('wasm');
});
const build = (change: Partial<SegmenterChoice> = {}, seed = 1): Segmenter =>
  buildSegmenter(engine, { ...spec, ...change }, RandomStream.seeded(seed, 'init/student'));
const valuesOf = (s: Segmenter) => [...s.weights.values()].map(({ variable }) => [...variable.dataSync()]);

/** The file of `source` after a change, as another program would write it: without our description of the network. */
function changed(source: Segmenter, change: (file: SafeTensors) => void): Uint8Array {
  const file = decodeSafetensors(exportWeights(source), 'x');
  file.metadata = {};
  change(file);
  // Ranges are written anew, in the order of the map.
  return encodeSafetensors(file);
}

test('weights survive a round trip exactly, running statistics included', () => {
  const source = build();
  const x = engine.tf.randomNormal([2, 32, 40, 3], 0, 1, 'float32', 5) as Parameters<Segmenter['forward']>[0];
  source.forward(x, { batchNorm: 'train', dropout: null });
  const target = build({}, 2);
  assert.notDeepEqual(valuesOf(target), valuesOf(source));
  importWeights(engine, target, exportWeights(source), 'student.safetensors');
  assert.deepEqual(valuesOf(target), valuesOf(source));
});

test('files are in the names and layouts of PyTorch', () => {
  const source = build({ inputChannels: 4 });
  const { tensors, metadata } = decodeSafetensors(exportWeights(source), 'x');
  assert.equal(metadata.format, 'pt');
  assert.deepEqual(tensors.get('pretrained.conv1.weight')!.shape, [4, 4, 3, 3]);
  assert.deepEqual(tensors.get('pretrained.layer2.0.downsample.0.weight')!.shape, [8, 4, 1, 1]);
  for (const name of [
    'pretrained.bn1.running_mean',
    'pretrained.layer4.1.bn2.running_var',
    'head.aspp.b0.0.weight',
    'head.aspp.b3.block.1.weight',
    'head.aspp.b4.gap.1.weight',
    'head.aspp.project.1.bias',
    'head.block.4.bias',
    'auxlayer.block.4.weight',
  ])
    assert.ok(tensors.has(name), name);
  // OIHW [o,i,y,x] of the file is HWIO [y,x,i,o] in memory.
  const [o, i, y, x] = [2, 3, 1, 2];
  const file = new Float32Array(tensors.get('pretrained.conv1.weight')!.bytes.slice().buffer);
  const memory = source.weights.get('pretrained.conv1.weight')!.variable.dataSync();
  assert.equal(file[((o * 4 + i) * 3 + y) * 3 + x], memory[((y * 3 + x) * 4 + i) * 4 + o]);
});

test("PyTorch's counters of batches are passed over, and files without our description are welcome", () => {
  const source = build();
  const bytes = changed(source, ({ tensors }) =>
    tensors.set('pretrained.bn1.num_batches_tracked', { dtype: 'I64', shape: [], bytes: new Uint8Array(8) }),
  );
  const target = build({}, 2);
  importWeights(engine, target, bytes, 'x');
  assert.deepEqual(valuesOf(target), valuesOf(source));
});

test('a checkpoint of another network is named as such and changes nothing', () => {
  const target = build();
  const untouched = valuesOf(target);
  const refused = (change: Partial<SegmenterChoice>, ...reasons: RegExp[]) =>
    assert.throws(
      () => importWeights(engine, target, exportWeights(build(change)), 'teacher.safetensors'),
      (error: Error & { code?: string }) => {
        assert.equal(error.code, 'checkpoint-mismatch');
        for (const reason of reasons) assert.match(error.message, reason);
        return true;
      },
    );
  refused({ model: 'pspnet' }, /^teacher\.safetensors: /, /holds pspnet-resnet18/, /asked for is deeplabv3/);
  refused({ classes: 11 }, /holds .* 11 classes/, /asked for is .* 4 classes/);
  refused({ width: 0.125 }, /width 0\.125/);
  refused({ inputChannels: 4 }, /4 input channels/, /fourth input channel for the label/);
  assert.deepEqual(valuesOf(target), untouched);
});

test('what is missing, unexpected or of another shape is listed, and nothing is changed', () => {
  const target = build({}, 2);
  const untouched = valuesOf(target);
  const bytes = changed(build(), ({ tensors }) => {
    tensors.delete('pretrained.bn1.bias');
    tensors.set('extra', { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) });
    const classifier = tensors.get('head.block.4.bias')!;
    tensors.set('head.block.4.bias', { ...classifier, shape: [2, 2] });
  });
  assert.throws(
    () => importWeights(engine, target, bytes, 'x.safetensors'),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, 'checkpoint-mismatch');
      assert.match(error.message, /Missing: pretrained\.bn1\.bias\./);
      assert.match(error.message, /Unexpected: extra\./);
      assert.match(error.message, /Of another shape: head\.block\.4\.bias \[2,2\] where \[4\] is needed\./);
      return true;
    },
  );
  const everything = changed(build(), ({ tensors }) => tensors.clear());
  assert.throws(() => importWeights(engine, target, everything, 'x'), /Missing: .* and \d+ more\./);
  assert.deepEqual(valuesOf(target), untouched);
});

test('heads that only train may be too much, blocks of a deeper network may not', () => {
  const target = build({}, 2);
  const tooMuch = (name: string) =>
    changed(build(), ({ tensors }) =>
      tensors.set(name, { dtype: 'F32', shape: [1], bytes: new Uint8Array(4) }),
    );
  for (const name of [
    'fc.bias',
    'auxiliary_head.conv_seg.bias',
    'cp.backbone.x8.0.bn.bias',
    'conv_out_sp4.bias',
  ])
    importWeights(engine, target, tooMuch(name), 'x');
  for (const name of ['pretrained.layer1.2.bn1.bias', 'head.fcx.bias', 'conv_outer.bias'])
    assert.throws(() => importWeights(engine, target, tooMuch(name), 'x'), {
      code: 'checkpoint-mismatch',
      message: /Unexpected: /,
    });
});

test('weights of a type that is none change nothing either', () => {
  const target = build({}, 2);
  const untouched = valuesOf(target);
  const bytes = changed(build(), ({ tensors }) => {
    const last = tensors.get('auxlayer.block.4.bias')!;
    tensors.set('auxlayer.block.4.bias', { ...last, dtype: 'I32' });
  });
  assert.throws(() => importWeights(engine, target, bytes, 'x'), { code: 'checkpoint-mismatch' });
  assert.deepEqual(valuesOf(target), untouched);
});

test('an unreadable description of the network is an error of the file', () => {
  for (const text of ['{', '7', '{"model":"deeplabv3"}']) {
    const bytes = changed(build(), (file) => {
      file.metadata = { 'distillation-studio.segmenter': text };
    });
    assert.throws(() => importWeights(engine, build(), bytes, 'x'), { code: 'checkpoint-broken' });
  }
});
