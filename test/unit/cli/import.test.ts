import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeNetwork, resolveSpec } from '../../../src/nn/networks';
import { parseSpec } from '../../../src/nn/spec-text';
import { torchShape } from '../../../src/nn/weights/layout';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  toFloat32,
} from '../../../src/nn/weights/safetensors';
import { weightTargets } from '../../../src/nn/weights/targets';
import { Call, checkpoint, checkpointEntries, Global, pickled, tensor, zipped } from '../nn/weights/pickles';
import { temporaryFolder } from '../run/fixtures';
import { said } from './said';

const folder = temporaryFolder();
const SPEC = 'fcn-resnet18:stem=7x7,width=0.0625,classes=5';
const backbone = join(__dirname, '../../golden/pytorch/checkpoints/backbone.pth');
const put = (name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};

test('a backbone of ImageNet: what fits is written, all else is listed', async () => {
  const out = join(folder, 'backbone.safetensors');
  const { status, out: text } = await said('import', backbone, '--as', SPEC, '--out', out);
  assert.equal(status, 0);
  assert.match(
    text,
    /backbone\.pth: PyTorch\nNames: a backbone alone, put under "pretrained\."\n5 loaded, 109 missing, 2 unexpected/,
  );
  assert.match(
    text,
    /109 missing, left at initial values\n {2}pretrained\.layer1\.0\.conv1\.weight \[4,4,3,3\]/,
  );
  assert.match(text, /2 unexpected, not used\n {2}fc\.weight \[10,8\]\n {2}fc\.bias \[10\]/);
  assert.match(
    text,
    /A part of the network, written to .*backbone\.safetensors\. Name it in a configuration under "init"/,
  );
  const { tensors, metadata } = decodeSafetensors(readFileSync(out), out);
  assert.deepEqual([...tensors.keys()].sort(), [
    ...['pretrained.bn1.bias', 'pretrained.bn1.running_mean', 'pretrained.bn1.running_var'],
    ...['pretrained.bn1.weight', 'pretrained.conv1.weight'],
  ]);
  assert.deepEqual(tensors.get('pretrained.conv1.weight')!.shape, [4, 3, 7, 7]);
  assert.deepEqual(metadata, { format: 'pt' });

  // A file that is there is replaced only where that is asked for.
  const again = await said('import', backbone, '--as', SPEC, '--out', out);
  assert.equal(again.status, 2);
  assert.match(again.err, /There is a file already\. Choose another name, or replace it with --force/);
  assert.equal((await said('import', backbone, '--as', SPEC, '--out', out, '--force')).status, 0);
});

test('every weight by name, where that is asked for', async () => {
  const { out } = await said('import', backbone, '--as', SPEC, '--all');
  assert.match(
    out,
    /\n5 loaded\n {2}pretrained\.conv1\.weight \[4,3,7,7\], from conv1\.weight\n {2}pretrained\.bn1\./,
  );
  assert.equal(out.match(/^ {2}(pretrained|head|auxlayer)\./gm)?.length, 5 + 109);
  assert.doesNotMatch(out, /more/);
});

test('as JSON, for scripts', async () => {
  const { status, out } = await said('import', backbone, '--as', SPEC, '--json');
  assert.equal(status, 0);
  const { loaded, missing, unexpected, otherShape, whole, names } = JSON.parse(out);
  assert.deepEqual([loaded.length, missing.length, unexpected.length, otherShape.length], [5, 109, 2, 0]);
  assert.equal(whole, false);
  assert.match(names, /backbone alone/);
  assert.deepEqual(unexpected[0], { name: 'fc.weight', shape: [10, 8], done: 'not used' });
});

test('a whole network becomes a checkpoint; with a fourth input channel, three are filled', async () => {
  const targets = weightTargets(describeNetwork(resolveSpec(parseSpec(SPEC))));
  const tensors = new Map(
    targets.map((target) => {
      const shape = torchShape(target);
      const size = shape.reduce((a, b) => a * b, 1);
      return [`module.${target.name}`, float32Tensor(shape, new Float32Array(size).fill(7))];
    }),
  );
  const file = put('whole.safetensors', encodeSafetensors({ tensors, metadata: {} }));
  const out = join(folder, 'ours.safetensors');
  const whole = await said('import', file, '--as', SPEC, '--out', out);
  assert.match(whole.out, /The network is complete, written to .* under "checkpoint"/);
  const written = decodeSafetensors(readFileSync(out), out);
  assert.equal(written.tensors.size, targets.length);
  assert.deepEqual(
    JSON.parse(written.metadata['distillation-studio.segmenter']!),
    resolveSpec(parseSpec(SPEC)),
  );

  const lad = join(folder, 'lad.safetensors');
  const { out: text } = await said('import', file, '--as', `${SPEC},inputChannels=4`, '--out', lad);
  assert.match(
    text,
    /1 of another shape, the first 3 input channels are loaded, the fourth is left at its initial values/,
  );
  const conv = decodeSafetensors(readFileSync(lad), lad).tensors.get('pretrained.conv1.weight')!;
  const values = toFloat32('conv1', conv, lad);
  const fourth = Array.from(
    { length: 4 * 49 },
    (_, i) => values[(Math.floor(i / 49) * 4 + 3) * 49 + (i % 49)]!,
  );
  assert.ok(values.filter((v) => v === 7).length === 4 * 3 * 49);
  const std = Math.sqrt(fourth.reduce((sum, v) => sum + v * v, 0) / fourth.length);
  assert.ok(std > 0.08 && std < 0.12, `N(0, 0.1^2), not ${std}`);
});

test('files made to mislead: status 1, clear words, nothing executed, nothing written', async () => {
  const bad = temporaryFolder();
  const w = { w: tensor() };
  const executed = join(bad, 'executed');
  const million = Buffer.from(`{${Array.from({ length: 1_000_000 }, (_, i) => `"${i}":0`).join(',')}}`);
  const safetensors = (json: Buffer) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([length, json]);
  };
  const range = (begin: number, end: number) =>
    safetensors(
      Buffer.from(
        JSON.stringify({
          a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
          b: { dtype: 'F32', shape: [1], data_offsets: [begin, end] },
        }),
      ),
    );
  const cases: [string, Uint8Array, RegExp][] = [
    [
      'system.pth',
      checkpoint({ w: new Call(new Global('os', 'system'), `touch ${executed}`) }),
      /asks for "os\.system"/,
    ],
    ['million.safetensors', safetensors(million), /announces 1000000 tensors; 50000 are the limit/],
    ['negative.safetensors', Buffer.concat([range(-4, 0), Buffer.alloc(4)]), /lies at \[-4,0\]/],
    ['overlapping.safetensors', Buffer.concat([range(0, 4), Buffer.alloc(4)]), /overlap/],
    [
      'bomb.pth',
      zipped(
        checkpointEntries(pickled(w)).map((e) =>
          e.name.endsWith('/0') ? { ...e, method: 8, unpacked: 0xfffffff0 } : e,
        ),
      ),
      /compressed, .* nothing is unpacked/,
    ],
    ['truncated.pth', checkpoint(w).subarray(0, 100), /cut off/],
    ['empty.pth', new Uint8Array(0), /The file is empty/],
  ];
  for (const [name, bytes] of cases) writeFileSync(join(bad, name), bytes);
  symlinkSync(backbone, join(bad, 'link.pth'));
  const before = readdirSync(bad);
  for (const [name, reason] of [
    ...cases.map(([n, , r]) => [n, r] as const),
    ['link.pth', /symbolic link, which is not followed/] as const,
  ]) {
    const { status, err, out } = await said(
      'import',
      join(bad, name),
      '--as',
      SPEC,
      '--out',
      join(bad, 'out.safetensors'),
    );
    assert.equal(status, 1, name);
    assert.match(err, reason);
    assert.ok(err.startsWith(join(bad, name)), err);
    assert.doesNotMatch(err, /\n +at /);
    assert.equal(out, '');
    assert.deepEqual(readdirSync(bad), before);
  }
  assert.ok(!existsSync(executed));
});

test('mistakes are told with status 2, weights of something else with status 1', async () => {
  for (const [args, message] of [
    [[], /Which file\?/],
    [['a', 'b'], /"b" is one too many/],
    [[backbone], /For which network\?/],
    [[backbone, '--as', 'segformer'], /no model "segformer"; there are deeplabv3, pspnet/],
    [[backbone, '--as', 'fcn-vgg'], /no backbone "vgg"/],
    [[backbone, '--as', 'fcn:classes=many'], /"classes=many" is not a whole number/],
    [[backbone, '--as', 'fcn:depth=3'], /There is no "depth"/],
  ] as const) {
    const { status, err } = await said('import', ...args);
    assert.equal(status, 2, args.join(' '));
    assert.match(err, message);
  }
  const { status, err } = await said('import', backbone, '--as', 'stdc');
  assert.equal(status, 1);
  assert.match(err, /Nothing in it fits stdc-stdc1, 19 classes.*it holds "conv1\.weight" and the like/);
  assert.equal((await said('import', join(folder, 'none.pth'), '--as', 'fcn')).status, 1);
});
