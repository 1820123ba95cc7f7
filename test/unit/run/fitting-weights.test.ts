import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { describeNetwork, resolveSpec, type SegmenterChoice } from '../../../src/nn/networks';
import { torchShape } from '../../../src/nn/weights/layout';
import { encodeSafetensors, float32Tensor } from '../../../src/nn/weights/safetensors';
import { specMetadata } from '../../../src/nn/weights/spec-metadata';
import { weightTargets } from '../../../src/nn/weights/targets';
import { checkConfig } from '../../../src/run/check-config';
import { temporaryFolder } from './fixtures';

const folder = temporaryFolder();
const small = {
  model: 'deeplabv3',
  backbone: 'resnet18',
  width: 0.03125,
  classes: 11,
  inputChannels: 3,
} as const;

/** Writes the weights of a network; `own`: with the description that our own files have. */
function save(name: string, choice: SegmenterChoice, own: boolean): void {
  const spec = resolveSpec(choice);
  const tensors = weightTargets(describeNetwork(spec)).map((target) => {
    const shape = torchShape(target);
    return [target.name, float32Tensor(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)))] as const;
  });
  const bytes = encodeSafetensors({ tensors: new Map(tensors), metadata: own ? specMetadata(spec) : {} });
  writeFileSync(join(folder, name), bytes);
}

save('own.safetensors', small, true);
save('foreign.safetensors', small, false);
save('four.safetensors', { ...small, inputChannels: 4 }, true);
save('classes.safetensors', { ...small, classes: 19 }, true);
save('wider.safetensors', { ...small, width: 0.0625 }, true);
writeFileSync(join(folder, 'broken.safetensors'), 'nothing of the kind');
writeFileSync(
  join(folder, 'other.safetensors'),
  encodeSafetensors({
    tensors: new Map([['bert.weight', float32Tensor([2], new Float32Array(2))]]),
    metadata: {},
  }),
);

function problems(network: object, method = 'kd') {
  const config = {
    dataset: { kind: 'camvid', root: '/nowhere' },
    methods: [{ kind: method }],
    teacher: { width: 0.03125, ...network },
    student: { width: 0.03125 },
  };
  return checkConfig(JSON.stringify(config), join(folder, 'a.distill.json')).problems.filter(
    ({ code }) => code !== 'dataset-missing',
  );
}

test('a checkpoint of the network that is described fits, whoever wrote it', () => {
  assert.deepEqual(problems({ checkpoint: 'own.safetensors' }), []);
  assert.deepEqual(problems({ checkpoint: 'foreign.safetensors' }), []);
  assert.deepEqual(problems({ checkpoint: 'four.safetensors' }, 'lad'), []);
});

test('a teacher of LAD has a fourth input channel, and others have three', () => {
  const [problem, ...more] = problems({ checkpoint: 'own.safetensors' }, 'lad');
  assert.deepEqual(more, []);
  assert.equal(problem?.code, 'checkpoint-mismatch');
  assert.match(problem.message, /Teachers of LAD have a fourth input channel/);
  assert.deepEqual(problem.path, ['teacher', 'checkpoint']);
  assert.deepEqual(problem.fixes, [{ kind: 'rename', path: ['teacher', 'checkpoint'], name: 'init' }]);
  assert.match(problems({ checkpoint: 'four.safetensors' })[0]!.message, /it holds .* 4 input channels/);
});

test('a checkpoint of other classes or of another width is told apart before anything is trained', () => {
  assert.match(problems({ checkpoint: 'classes.safetensors' })[0]!.message, /it holds .* 19 classes/);
  const [wider] = problems({ checkpoint: 'wider.safetensors' });
  assert.deepEqual(wider?.fixes[0], { kind: 'set', path: ['teacher', 'width'], value: 0.0625 });
  assert.match(
    problems({ checkpoint: 'foreign.safetensors', width: 0.0625 })[0]!.message,
    /Of another shape: /,
  );
});

test('a file that is no file of weights, or of nothing that fits', () => {
  assert.equal(problems({ checkpoint: 'broken.safetensors' })[0]?.code, 'checkpoint-broken');
  assert.equal(problems({ checkpoint: 'other.safetensors' })[0]?.code, 'checkpoint-mismatch');
  const [init] = problems({ init: 'other.safetensors' });
  assert.equal(init?.severity, 'warning');
  assert.match(init.message, /Nothing in this file fits the network; it holds "bert\.weight"/);
  assert.deepEqual(problems({ init: 'own.safetensors', width: 0.03125 }, 'lad'), []);
});
