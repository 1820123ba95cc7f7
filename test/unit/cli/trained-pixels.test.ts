import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openTrained, preprocessingOf } from '../../../src/cli/trained-network';
import { openEngine } from '../../../src/engine/open';
import { RandomStream } from '../../../src/engine/random';
import { resolveSpec } from '../../../src/nn/networks';
import { buildSegmenter } from '../../../src/nn/registry';
import { convertWeights } from '../../../src/nn/weights/convert';
import { exportWeights } from '../../../src/nn/weights/state';
import { temporaryFolder } from '../run/fixtures';

test('a file tells how its network sees pixels: by what was exported with it, else as its style is trained', async () => {
  const engine = await openEngine('wasm');
  const workspace = temporaryFolder();
  const file = join(workspace, 'student.safetensors');
  const shape = {
    model: 'pspnet',
    backbone: 'resnet18',
    classes: 3,
    inputChannels: 3,
    width: 0.0625,
  } as const;
  for (const [style, usual, other] of [
    ['cirkd', 'caffe', 'imagenet'],
    ['mmseg', 'imagenet', 'caffe'],
  ] as const) {
    const spec = resolveSpec({ ...shape, style });
    const network = buildSegmenter(engine, spec, RandomStream.seeded(2, 'test'));
    writeFileSync(file, exportWeights(network));
    network.dispose();
    const trained = openTrained(file, { role: 'student', workspace });
    assert.equal(trained.pixels, usual, style);
    const exported = convertWeights(trained.weights, spec).encode({
      preprocessing: JSON.stringify(preprocessingOf(spec, other)),
    });
    trained.weights.close();
    writeFileSync(file, exported);
    const again = openTrained(file, { role: 'student', workspace });
    assert.equal(again.pixels, other, `${style}, exported`);
    again.weights.close();
  }
});
