import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor4D } from '@tensorflow/tfjs-core';
import type { Tf } from '../../../src/engine/engine';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import { describeSegmenter } from '../../../src/nn/cost';
import { moduleRows } from '../../../src/nn/cost-rows';
import { describeNetwork, resolveSpec, type SegmenterChoice } from '../../../src/nn/networks';
import { buildSegmenter } from '../../../src/nn/registry';

type Named = Pick<SegmenterChoice, 'model' | 'backbone'> & Partial<SegmenterChoice>;
const describe = (choice: Named, height = 64, width = 64, batch = 1) =>
  describeSegmenter({ classes: 19, inputChannels: 3, width: 1, ...choice }, { batch, height, width });

/** Counted on the released code of CIRKD; the published tables round them to 13.6 M, 61.1 M, 12.9 M and 3.2 M. */
const published: [Named, number][] = [
  [{ model: 'deeplabv3', backbone: 'resnet18' }, 13_607_974],
  [{ model: 'deeplabv3', backbone: 'resnet50' }, 42_126_822],
  [{ model: 'deeplabv3', backbone: 'resnet101' }, 61_118_950],
  [{ model: 'deeplabv3', backbone: 'mobilenetv2' }, 3_233_171],
  [{ model: 'pspnet', backbone: 'resnet18' }, 12_919_334],
  [{ model: 'pspnet', backbone: 'resnet101' }, 68_072_166],
  [{ model: 'pspnet', backbone: 'mobilenetv2' }, 2_654_739],
  [{ model: 'deeplabv3', backbone: 'resnet18', classes: 11 }, 13_606_422],
  [{ model: 'deeplabv3', backbone: 'resnet18', classes: 21 }, 13_608_362],
  [{ model: 'deeplabv3', backbone: 'resnet18', classes: 150 }, 13_633_388],
  [{ model: 'deeplabv3', backbone: 'resnet18', classes: 182 }, 13_639_596],
  [{ model: 'deeplabv3', backbone: 'resnet18', inputChannels: 4 }, 13_607_974 + 64 * 3 * 3],
];

test('N1: parameters of the networks of CIRKD, to the unit', () => {
  for (const [choice, count] of published)
    assert.equal(describe(choice).totals.parameters, count, JSON.stringify(choice));
});

test('N1: backbone, head and auxiliary head by themselves', () => {
  const parts = (choice: Named) => {
    const sums: Record<string, number> = {};
    for (const { name, parameters } of describe(choice).layers) {
      const part = name.split('.')[0]!;
      sums[part] = (sums[part] ?? 0) + parameters;
    }
    const { input: _, ...rest } = sums;
    return Object.values(rest);
  };
  assert.deepEqual(parts({ model: 'deeplabv3', backbone: 'resnet18' }), [11_324_992, 2_134_163, 148_819]);
  assert.deepEqual(parts({ model: 'deeplabv3', backbone: 'resnet50' }), [23_631_808, 16_130_323, 2_364_691]);
  assert.deepEqual(parts({ model: 'pspnet', backbone: 'resnet101' }), [42_623_936, 23_083_539, 2_364_691]);
  assert.deepEqual(parts({ model: 'pspnet', backbone: 'mobilenetv2' }), [1_811_712, 843_027]);
});

test('multiply-adds by the true formula, and as published, at 1024 x 2048 and 360 x 480', () => {
  const giga = (choice: Named, height: number, width: number) => {
    const { multiplyAdds, publishedMultiplyAdds } = describe(choice, height, width).totals;
    return [multiplyAdds, publishedMultiplyAdds].map((n) => (n / 1e9).toFixed(1));
  };
  const r18: Named = { model: 'deeplabv3', backbone: 'resnet18' };
  const r101: Named = { model: 'deeplabv3', backbone: 'resnet101' };
  const psp: Named = { model: 'pspnet', backbone: 'resnet18' };
  assert.deepEqual(giga(r18, 1024, 2048), ['517.5', '572.0']);
  assert.deepEqual(giga(r101, 1024, 2048), ['2063.3', '2371.7']);
  assert.deepEqual(giga(psp, 1024, 2048)[1], '507.3');
  assert.deepEqual(giga({ model: 'deeplabv3', backbone: 'mobilenetv2' }, 1024, 2048), ['106.5', '128.9']);
  assert.equal(giga(r18, 360, 480)[1], '61.0');
  assert.equal(giga(r101, 360, 480)[1], '280.2');
  assert.equal(giga(psp, 360, 480)[1], '45.6');
});

test('N2: logits, auxiliary logits and features at 1/8 of the images, rounded up', () => {
  const shapes = (backbone: Named['backbone'], height: number, width: number) => {
    const choice = { model: 'deeplabv3', backbone, classes: 19, inputChannels: 3, width: 1 } as const;
    const { layers } = describeSegmenter(choice, { batch: 1, height, width });
    const { logits, aux, features } = describeNetwork(resolveSpec(choice)).outputs;
    return [logits, aux[0]!.logits, features].map(({ index }) => layers[index]!.output.slice(1));
  };
  assert.deepEqual(shapes('resnet18', 128, 256), [
    [16, 32, 19],
    [16, 32, 19],
    [16, 32, 128],
  ]);
  assert.deepEqual(shapes('resnet101', 360, 360), [
    [45, 45, 19],
    [45, 45, 19],
    [45, 45, 256],
  ]);
});

test('the output of a module is its own, not the pool that the next one begins with', () => {
  const output = (choice: Named, module: string) =>
    moduleRows(describe(choice, 512, 512))
      .find(({ name }) => name === module)!
      .output.slice(1);
  const psp: Named = { model: 'pspnet', backbone: 'resnet18' };
  assert.deepEqual(output(psp, 'pretrained.layer4'), [64, 64, 512]);
  assert.deepEqual(output(psp, 'head.psp'), [64, 64, 1024]);
  const stdc: Named = { model: 'stdc', backbone: 'stdc1' };
  assert.deepEqual(output(stdc, 'cp.backbone'), [16, 16, 1024]);
  assert.deepEqual(output(stdc, 'ffm.convblk'), [64, 64, 256]);
});

test('a batch costs its images, and no more parameters', () => {
  const one = describe({ model: 'pspnet', backbone: 'mobilenetv2' }, 96, 128).totals;
  const four = describe({ model: 'pspnet', backbone: 'mobilenetv2' }, 96, 128, 4).totals;
  assert.equal(four.parameters, one.parameters);
  for (const key of ['multiplyAdds', 'publishedMultiplyAdds', 'activationBytes'] as const)
    assert.equal(four[key], 4 * one[key]);
});

/** Bytes of the buffers that come and go from now on; tf.memory() counts one once for every tensor that looks at it. */
function watchBuffers(tf: Tf): () => number {
  interface Info {
    bytes: number;
  }
  const { tensorInfo } = tf.engine().state as unknown as { tensorInfo: WeakMap<object, Info> };
  const alive = new Map<object, number>();
  const { set, delete: remove } = tensorInfo;
  tensorInfo.set = (id, info) => {
    alive.set(id, info.bytes);
    return set.call(tensorInfo, id, info);
  };
  tensorInfo.delete = (id) => {
    alive.delete(id);
    return remove.call(tensorInfo, id);
  };
  return () => [...alive.values()].reduce((sum, n) => sum + n, 0);
}

for (const choice of [
  { model: 'deeplabv3', backbone: 'resnet18' },
  { model: 'pspnet', backbone: 'resnet50', style: 'mmseg', stem: '7x7' },
  { model: 'fcn', backbone: 'mobilenetv2', style: 'mmseg', outputStride: 16 },
] as const satisfies Named[])
  test(`the description is that of the network: ${choice.model}-${choice.backbone}`, async () => {
    const engine = await openEngine('wasm');
    const { tf } = engine;
    const narrow = { ...choice, classes: 5, inputChannels: 3, width: 0.0625 };
    const { layers, totals } = describeSegmenter(narrow, { batch: 2, height: 65, width: 97 });
    const network = buildSegmenter(engine, narrow, RandomStream.seeded(1, 'init'));
    assert.equal(network.parameterCount(), totals.parameters);
    const x = tf.zeros([2, 65, 97, 3]) as Tensor4D;
    const bytes = watchBuffers(tf);
    let kept = 0;
    tf.variableGrads(() => {
      const out = network.forward(x, { batchNorm: 'train', dropout: RandomStream.seeded(1, 'dropout') });
      const { logits, features, aux } = network.network.outputs;
      for (const [value, tensor] of [
        [logits, out.logits],
        [features, out.features],
        [aux[0]?.logits, out.aux[0]?.logits],
      ] as const)
        if (value) assert.deepEqual(layers[value.index]!.output, tensor!.shape);
      // The images were there before; statistics of the batch norms are a few vectors.
      kept = bytes() + x.size * 4;
      return tf.sum(out.logits);
    });
    assert.ok(Math.abs(kept / totals.activationBytes - 1) < 0.02, `${kept} is not ${totals.activationBytes}`);
    network.dispose();
  });
