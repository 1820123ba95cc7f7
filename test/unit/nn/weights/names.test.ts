import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeNetwork, resolveSpec, type SegmenterChoice } from '../../../../src/nn/networks';
import type { Dtype } from '../../../../src/nn/weights/dtype';
import { torchShape } from '../../../../src/nn/weights/layout';
import { matchWeights } from '../../../../src/nn/weights/match';
import { weightTargets } from '../../../../src/nn/weights/targets';
import type { StoredTensor, WeightFile } from '../../../../src/nn/weights/weight-file';

const network = (choice: Partial<SegmenterChoice> = {}) =>
  weightTargets(
    describeNetwork(
      resolveSpec({
        model: 'deeplabv3',
        backbone: 'resnet18',
        classes: 19,
        inputChannels: 3,
        width: 1,
        ...choice,
      }),
    ),
  );

/** A file with these tensors, whose values count from `start`. */
function fileOf(
  tensors: Iterable<[string, readonly number[], Dtype?]>,
  layout: 'torch' | 'tf' = 'torch',
): WeightFile {
  const stored = ([name, shape, dtype = 'F32']: [string, readonly number[], Dtype?]): [
    string,
    StoredTensor,
  ] => [
    name,
    {
      dtype,
      shape,
      read: () => Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    },
  ];
  return {
    ...{ where: 'x.pth', format: 'PyTorch', layout, table: '', metadata: {}, close: () => undefined },
    tensors: new Map([...tensors].map(stored)),
  };
}

/** The weights of a network as another program would save them: its names, renamed. */
function renamed(choice: Partial<SegmenterChoice>, rename: (name: string) => string | undefined): WeightFile {
  return fileOf(
    network(choice).flatMap((target): [string, number[]][] => {
      const name = rename(target.name);
      return name === undefined ? [] : [[name, torchShape(target)]];
    }),
  );
}

const complete = (file: WeightFile, choice: Partial<SegmenterChoice>, naming: RegExp) => {
  const targets = network(choice);
  const { report } = matchWeights(file, targets);
  assert.deepEqual(report.missing, []);
  assert.deepEqual(report.otherShape, []);
  assert.equal(report.loaded.length, targets.length);
  assert.match(report.names, naming);
  return report;
};

test('names of CIRKD and of mmsegmentation are ours', () => {
  for (const choice of [{}, { style: 'mmseg' }, { backbone: 'mobilenetv2' }] as const) {
    const report = complete(
      renamed(choice, (name) => name),
      choice,
      /^$/,
    );
    assert.deepEqual(report.unexpected, []);
  }
});

test('wrappers are removed, one inside the other', () => {
  const choice = { style: 'mmseg' } as const;
  complete(
    renamed(choice, (name) => `module.${name}`),
    choice,
    /^"module\." removed$/,
  );
  complete(
    renamed(choice, (name) => `module._orig_mod.model.${name}`),
    choice,
    /^"module\._orig_mod\.model\." removed$/,
  );
  const beside = new Map(renamed(choice, (name) => `model.${name}`).tensors);
  const report = complete(
    {
      ...fileOf([]),
      tensors: beside.set('loss.weight', { dtype: 'F32', shape: [19], read: () => new Float32Array(19) }),
    },
    choice,
    /^"model\." removed$/,
  );
  assert.deepEqual(report.unexpected, [{ name: 'loss.weight', shape: [19], done: 'not used' }]);
});

test('a backbone alone: its classifier is unexpected, the heads are missing', () => {
  for (const [choice, root, words] of [
    [{ stem: '7x7' }, 'pretrained.', /backbone alone, put under "pretrained\."/],
    [{ style: 'mmseg', stem: '7x7' }, 'backbone.', /backbone alone, put under "backbone\."/],
    [{ backbone: 'resnet101' }, 'pretrained.', /"pretrained\."/],
    [{ model: 'stdc', backbone: 'stdc2' }, 'cp.backbone.', /"cp\.backbone\."/],
  ] as const) {
    const file = renamed(choice, (name) => (name.startsWith(root) ? name.slice(root.length) : undefined));
    const tensors = new Map(file.tensors)
      .set('fc.weight', { dtype: 'F32', shape: [1000, 512], read: () => new Float32Array(0) })
      .set('bn1.num_batches_tracked', { dtype: 'I64', shape: [], read: () => new Float32Array(0) });
    const { report } = matchWeights({ ...file, tensors }, network(choice));
    assert.match(report.names, words);
    assert.equal(report.loaded.length, file.tensors.size);
    assert.deepEqual(
      report.unexpected.map(({ name, done }) => [name, done]),
      [
        ['fc.weight', 'not used'],
        ['bn1.num_batches_tracked', 'not needed: a counter of PyTorch'],
      ],
    );
    assert.ok(report.missing.length > 0);
    assert.ok(
      report.missing.every(({ name, done }) => !name.startsWith(root) && done === 'left at initial values'),
    );
    const [from, { shape }] = [...file.tensors][0]!;
    assert.deepEqual(report.loaded[0], { name: `${root}${from}`, from, shape, done: 'loaded' });
  }
});

test("torchvision's segmentation networks, under its own names", () => {
  const torchvision = (name: string) =>
    name
      .replace(/^pretrained\./, 'backbone.')
      .replace(/^auxlayer\.block\./, 'aux_classifier.')
      .replace(/^head\.aspp\.b0\./, 'classifier.0.convs.0.')
      .replace(/^head\.aspp\.b([123])\.block\./, 'classifier.0.convs.$1.')
      .replace(/^head\.aspp\.b4\.gap\./, 'classifier.0.convs.4.')
      .replace(/^head\.aspp\.project\./, 'classifier.0.project.');
  const choice = { backbone: 'resnet50', stem: '7x7', classes: 21 } as const;
  const deepLab = (name: string) =>
    torchvision(name)
      .replace(/^head\.block\.0\./, 'classifier.1.')
      .replace(/^head\.block\.1\./, 'classifier.2.')
      .replace(/^head\.block\.4\./, 'classifier.4.');
  const file = renamed(choice, deepLab);
  for (const name of [
    'backbone.layer4.2.conv3.weight',
    'classifier.0.convs.4.2.running_var',
    'classifier.4.bias',
    'aux_classifier.4.bias',
  ])
    assert.ok(file.tensors.has(name), name);
  complete(file, choice, /torchvision's DeepLabV3/);
  const fcn = { ...choice, model: 'fcn' } as const;
  complete(
    renamed(fcn, (name) => torchvision(name).replace(/^head\.block\./, 'classifier.')),
    fcn,
    /torchvision's FCN/,
  );
});

test("torchvision's MobileNetV2, whose blocks are sequences of sequences", () => {
  const choice = { backbone: 'mobilenetv2' } as const;
  const file = renamed(choice, (name) => {
    const found = /^pretrained\.net\.features\.(\d+)\.(?:conv\.)?(\d)\.(.*)$/.exec(name);
    if (!found) return undefined;
    const [, feature, at, rest] = found as unknown as [string, string, string, string];
    if (feature === '0') return `features.0.${at}.${rest}`;
    const blocks = feature === '1' ? 1 : 2;
    const i = Math.floor(Number(at) / 3);
    const inner = i < blocks ? `${i}.${Number(at) % 3}` : `${i + (Number(at) % 3)}`;
    return `features.${feature}.conv.${inner}.${rest}`;
  });
  for (const name of [
    'features.1.conv.0.0.weight',
    'features.1.conv.2.running_mean',
    'features.2.conv.1.0.weight',
    'features.17.conv.3.bias',
  ])
    assert.ok(file.tensors.has(name), name);
  const { report } = matchWeights(file, network(choice));
  assert.match(report.names, /torchvision's MobileNetV2/);
  assert.deepEqual(report.otherShape, []);
  assert.deepEqual(report.unexpected, []);
  assert.ok(report.missing.every(({ name }) => !name.startsWith('pretrained.')));
});

test('other classes: the classifiers keep their initial values', () => {
  const { report, fillings } = matchWeights(
    renamed({}, (name) => name),
    network({ classes: 11 }),
  );
  assert.deepEqual(
    report.otherShape.map(({ name, found, shape, done }) => [name, found, shape.join(), done]),
    [
      ['head.block.4.weight', '[19,128,1,1]', '11,128,1,1', 'left at initial values'],
      ['head.block.4.bias', '[19]', '11', 'left at initial values'],
      ['auxlayer.block.4.weight', '[19,64,1,1]', '11,64,1,1', 'left at initial values'],
      ['auxlayer.block.4.bias', '[19]', '11', 'left at initial values'],
    ],
  );
  assert.equal(fillings.length, report.loaded.length);
});

test('a fourth input channel: three are filled, the fourth stays as drawn; or it is left out', () => {
  const first = (choice: Partial<SegmenterChoice>) => network(choice)[0]!;
  const file = fileOf([[first({}).name, torchShape(first({}))]]);
  const wider = matchWeights(file, [first({ inputChannels: 4 })]);
  assert.match(
    wider.report.otherShape[0]!.done,
    /first 3 input channels are loaded, the fourth is left .* N\(0, 0\.1\^2\)/,
  );
  const before = new Float32Array(3 * 3 * 4 * 64).fill(-1);
  const values = wider.fillings[0]!.values(() => before);
  // The values of the file are their own index.
  const at = (o: number, i: number, y: number, x: number) => values[((o * 4 + i) * 3 + y) * 3 + x];
  assert.equal(at(5, 2, 1, 0), ((5 * 3 + 2) * 3 + 1) * 3);
  assert.equal(at(5, 3, 1, 0), -1);

  const four = fileOf([[first({}).name, [64, 4, 3, 3]]]);
  const narrower = matchWeights(four, [first({})]);
  assert.match(narrower.report.otherShape[0]!.done, /the fourth is left out/);
  const narrow = narrower.fillings[0]!.values(() => new Float32Array(3 * 3 * 3 * 64));
  assert.equal(narrow[((5 * 3 + 2) * 3 + 1) * 3], ((5 * 4 + 2) * 3 + 1) * 3);

  // Any other number, or another convolution, is another shape and nothing else.
  for (const shape of [
    [64, 5, 3, 3],
    [64, 1, 3, 3],
    [32, 4, 3, 3],
  ])
    assert.equal(matchWeights(fileOf([[first({}).name, shape]]), [first({})]).fillings.length, 0);
  const second = network({}).find(({ name }) => name === 'pretrained.conv2.weight')!;
  assert.equal(matchWeights(fileOf([[second.name, [64, 63, 3, 3]]]), [second]).fillings.length, 0);
});

test('integers are no weights', () => {
  const [target] = network();
  const { report, fillings } = matchWeights(fileOf([[target!.name, torchShape(target!), 'I64']]), [target!]);
  assert.equal(fillings.length, 0);
  assert.match(report.otherShape[0]!.found!, /of type I64/);
});

test('names and layouts of TensorFlow.js', () => {
  const targets = network({ backbone: 'mobilenetv2' });
  const wanted = targets.filter(({ name }) => /features\.1\.conv\.[01]\./.test(name));
  const names: Record<string, string> = {
    ...{
      'conv.0.weight': 'conv/0/depthwise_kernel',
      'conv.1.weight': 'conv/1/gamma',
      'conv.1.bias': 'conv/1/beta',
    },
    ...{ 'conv.1.running_mean': 'conv/1/moving_mean', 'conv.1.running_var': 'conv/1/moving_variance' },
  };
  const file = fileOf(
    wanted.map(({ name, shape }) => [
      `pretrained/net/features/1/${names[name.slice('pretrained.net.features.1.'.length)]}`,
      shape,
    ]),
    'tf',
  );
  const { fillings, report } = matchWeights(file, wanted);
  assert.equal(report.loaded.length, 5);
  // [3,3,32,1] in the file, [32,1,3,3] in PyTorch: neighbours of a filter are 32 numbers apart.
  assert.deepEqual(fillings[0]!.values(() => new Float32Array(0)).slice(0, 3), Float32Array.of(0, 32, 64));
});
