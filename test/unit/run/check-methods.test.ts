import assert from 'node:assert/strict';
import { test } from 'node:test';
import { methodBytes } from '../../../src/run/check/method-memory';
import { checkConfig } from '../../../src/run/check-config';

/** Severity, place and message of every problem of a configuration with these methods. */
function problems(methods: object[], more: object = {}): string[] {
  const config = { dataset: { kind: 'sample' }, training: { crop: [64, 64], batch: 2 }, ...more, methods };
  return checkConfig(JSON.stringify(config), '/nowhere/a.distill.json').problems.map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

/** Expects exactly one problem. */
function only(found: string[], expected: RegExp): void {
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0]!, expected);
}

test('every method is fine with its defaults', () => {
  for (const kind of ['lad', 'rdd', 'kd', 'cwd', 'ifvd', 'at', 'fitnet', 'dsd', 'cirkd', 'dist'])
    assert.deepEqual(problems([{ kind }]), [], kind);
  const large = { training: { crop: [512, 512], batch: 2 }, student: { width: 0.25 } };
  for (const kind of ['skd', 'adversarial']) assert.deepEqual(problems([{ kind }], large), [], kind);
});

test('LAD: a teacher that teaches nothing, and fields that nothing reads', () => {
  const none = { kind: 'lad', student: { loss: 'none' } };
  only(problems([none]), /^error methods\.0\.student\.loss: The teacher is trained and then teaches nothing/);
  assert.deepEqual(problems([none, { kind: 'at' }]), []);
  const idle = (lad: object) => problems([{ kind: 'lad', ...lad }]);
  only(idle({ paths: 1, consistency: {} }), /^warning methods\.0\.consistency: .*nothing to compare/);
  only(
    idle({ consistency: { distance: 'squared', temperature: 2 } }),
    /^warning methods\.0\.consistency\.temperature: .* no effect/,
  );
  only(
    idle({ noise: { codes: 'fixed', classStd: 2 } }),
    /^warning methods\.0\.noise\.classStd: .*fixed codes/,
  );
  assert.deepEqual(idle({ noise: { classStd: 2 }, paths: 1 }), []);
});

test('LAD: the noised label is as large as the images it stands beside', () => {
  const warned = (lad: object, augment: object) =>
    problems([{ kind: 'lad', ...lad }], { training: { crop: [64, 64], batch: 2, augment } });
  only(warned({}, { style: 'mmseg' }), /^warning methods\.0\.noise\.scale: .*100 times its codes.*Use 1\.75/);
  only(warned({}, { pixels: 'imagenet' }), /^warning methods\.0\.noise\.scale: /);
  assert.deepEqual(warned({}, { style: 'mmseg', pixels: 'caffe' }), []);
  assert.deepEqual(warned({ noise: { scale: 1.75 } }, { style: 'mmseg' }), []);
});

test('CWD and RDD: fields of what is not asked for', () => {
  only(problems([{ kind: 'cwd', featureWeight: 2 }]), /^warning methods\.0\.featureWeight: .*"on": "logits"/);
  only(problems([{ kind: 'cwd', on: 'features', weight: 2 }]), /^warning methods\.0\.weight: /);
  assert.deepEqual(problems([{ kind: 'cwd', on: 'both', weight: 2, featureWeight: 2 }]), []);
  const tfe = { weighting: 'mean', reduction: 'all' };
  only(problems([{ kind: 'rdd', tfe }]), /^warning methods\.0\.tfe\.reduction: .*labelled pixels/);
});

test('DSD: both networks have auxiliary heads, or neither', () => {
  const networks = { student: { backbone: 'mobilenetv2' }, teacher: { backbone: 'resnet18' } };
  only(problems([{ kind: 'dsd' }], networks), /^warning methods\.0: .*the student has no auxiliary head/);
  assert.deepEqual(problems([{ kind: 'dsd', pixelWeight: 0 }], networks), []);
});

test('CIRKD: contrast from what is remembered, groups from the batch, memories of a size', () => {
  const cirkd = (options: object, more = {}) => problems([{ kind: 'cirkd', ...options }], more);
  only(
    cirkd({ memory: { pixels: 50 } }),
    /^warning methods\.0\.memory\.pixelContrast: Each step wants \d+ of each class, and "pixels" remembers 50/,
  );
  assert.deepEqual(cirkd({ memory: { pixels: 50, pixelContrast: 400 } }), []);
  only(cirkd({ batch: { group: 3 } }), /^warning methods\.0\.batch\.group: A batch has 2 images/);
  const stuff = { dataset: { kind: 'coco-stuff-164k', root: '/nowhere' } };
  const memory = cirkd({}, stuff).filter((text) => text.includes('memories'));
  only(memory, /^warning methods\.0\.memory: The memories of 182 classes take about 3\.8 GiB/);
});

test('one discriminator is enough', () => {
  const both = [
    { kind: 'skd', adversarial: { lastKernel: 1 } },
    { kind: 'adversarial', lastKernel: 1 },
  ];
  only(
    problems(both, { training: { crop: [128, 128], batch: 2 } }),
    /^error methods\.1: "skd" has a discriminator of its own/,
  );
});

test('what methods add is counted among the memory of a step', () => {
  const bytes = (...methods: object[]) => {
    const { config } = checkConfig(
      JSON.stringify({ dataset: { kind: 'sample' }, methods }),
      '/nowhere/a.distill.json',
    );
    const network = { ...config!.student, classes: 19, inputChannels: 3 };
    return methodBytes(config!, network, network, { batch: 16, height: 512, width: 1024 });
  };
  assert.equal(bytes({ kind: 'kd' }, { kind: 'cwd' }), 0);
  // Of 64 x 128 positions in 16 images, 128 channels.
  const map = 4 * 16 * 64 * 128 * 128;
  assert.equal(bytes({ kind: 'fitnet' }), 3 * map);
  assert.equal(bytes({ kind: 'fitnet' }, { kind: 'cwd', on: 'features' }), 7 * map);
  // Similarities of 2048 positions with each other in 16 images.
  assert.ok(bytes({ kind: 'skd', adversarial: { weight: 0 } }) >= 4 * 4 * 16 * 2048 ** 2);
  assert.ok(bytes({ kind: 'adversarial' }) > 4 * 4 * 16 * 256 * 512);
  assert.ok(bytes({ kind: 'cirkd' }) < 8 * map);
});
