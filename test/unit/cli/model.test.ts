import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { NetworkCost } from '../../../src/nn/cost';
import { said } from './said';

const folder = mkdtempSync(join(tmpdir(), 'model-'));
after(() => rmSync(folder, { recursive: true }));

test('a network as published: its layers, parameters and multiply-adds by both formulas', async () => {
  const { out } = await said('model', 'deeplabv3-resnet101', '--size', '1024x2048');
  assert.match(out, /^deeplabv3-resnet101, 19 classes, 3 input channels, width 1\n/);
  assert.match(out, /pretrained\.layer4\.2\.conv2 +conv 3x3, dilation 4 +1 x 128 x 256 x 512 +2,360,320 /);
  assert.match(out, /61,118,950 parameters\.\n2\.1 T multiply-adds .* 1024 x 2048; 2\.4 T by the formula/);
  assert.match(out, /GiB of activations in a training step/);
});

test('the sum of the table is the total', async () => {
  const { out } = await said('model', 'stdc-stdc1:width=0.25', '--json', '--batch', '2');
  const { layers, totals, input }: NetworkCost = JSON.parse(out);
  assert.deepEqual(input, { batch: 2, height: 512, width: 512 });
  for (const key of ['parameters', 'multiplyAdds', 'publishedMultiplyAdds', 'activationBytes'] as const)
    assert.equal(
      layers.reduce((sum, layer) => sum + layer[key], 0),
      totals[key],
    );
});

test('the networks of a configuration, at its crop and batch, with the classes of its dataset', async () => {
  const file = join(folder, 'a.distill.json');
  writeFileSync(
    file,
    JSON.stringify({
      dataset: { kind: 'sample' },
      methods: [{ kind: 'lad' }],
      student: { width: 0.25 },
      training: { crop: [96, 64], batch: 3 },
    }),
  );
  const { out } = await said('model', file);
  assert.match(out, /^student: deeplabv3-resnet18, 19 classes, 3 input channels, width 0\.25\n/);
  assert.match(out, /\nteacher: deeplabv3-resnet18, 19 classes, 4 input channels, width 0\.25\n/);
  assert.match(out, /for 3 images of 96 x 64;/);
});

test('what is no network, no size and no batch is refused with what would be', async () => {
  const refused = async (args: string[], message: RegExp) =>
    assert.match((await said('model', ...args)).err, message);
  await refused([], /Which network/);
  await refused(['deeplabv3-resnet19'], /There is no backbone "resnet19"; there are resnet18/);
  await refused(['stdc-resnet18'], /stdc cannot be built with backbone "resnet18"/);
  await refused(['stdc', '--size', '8x900'], /both at least 16/);
  await refused(['stdc', '--batch', '0'], /"0" is no batch/);
  await refused(['stdc', 'fcn'], /"fcn" is one too many/);
  await refused([join(folder, 'b.distill.json')], /no such file/);
});
