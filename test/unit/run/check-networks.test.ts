import assert from 'node:assert/strict';
import { test } from 'node:test';
import { models } from '../../../src/nn/networks';
import { MODELS, USUAL_BACKBONE } from '../../../src/protocol/networks';
import { checkConfig } from '../../../src/run/check-config';

/** Severity, place and message of every problem of a configuration. */
function problems(config: object): string[] {
  const text = JSON.stringify({ dataset: { kind: 'sample' }, ...config });
  return checkConfig(text, '/nowhere/a.distill.json').problems.map(
    ({ severity, path, message }) => `${severity} ${path.join('.')}: ${message}`,
  );
}

/** Expects exactly one problem. */
function only(config: object, expected: RegExp): void {
  const found = problems(config);
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0]!, expected);
}

test('a network that cannot be built: the field that does not fit, and what does', () => {
  only(
    { student: { model: 'deeplabv3', backbone: 'stdc1' } },
    /^error student\.backbone: deeplabv3 cannot be built with backbone "stdc1"\. Use "resnet18" or /,
  );
  only(
    { student: { backbone: 'mobilenetv2', stem: '7x7' } },
    /^error student\.stem: .* stem "7x7"\. Leave stem out\.$/,
  );
  only({ student: { outputStride: 4 } }, /^error student\.outputStride: .* Use 8 or 16 or 32\.$/);
  only({ student: { outputStride: 5 } }, /must be one of 4, 8, 16, 32, not 5/);
  only({ student: { backbone: 'mobilenetv2', auxHead: true } }, /^error student\.auxHead: .* Use false\.$/);
  only({ teacher: { style: 'official' }, methods: [{ kind: 'kd' }] }, /^error teacher\.style: .*"cirkd" or/);
  assert.deepEqual(problems({ student: { backbone: 'mobilenetv2', auxHead: true, style: 'mmseg' } }), []);
});

test('every model has a backbone of its own where none is written', () => {
  for (const model of MODELS) {
    const { config, problems: found } = checkConfig(
      JSON.stringify({ dataset: { kind: 'sample' }, student: { model } }),
      '/nowhere/a.distill.json',
    );
    assert.deepEqual(found, []);
    assert.equal(config?.student.backbone, USUAL_BACKBONE[model]);
    assert.equal(USUAL_BACKBONE[model], models[model].backbones[0]);
  }
  only({ student: { modle: 'stdc' } }, /^error student\.modle: .*Did you mean "model"\?/);
});

test('a crop divides by the output strides of all networks of the run, and of no other', () => {
  const crop = { training: { crop: [48, 40] } };
  assert.deepEqual(problems(crop), []);
  const wide = { backbone: 'resnet50', outputStride: 16 };
  only(
    { ...crop, teacher: wide, methods: [{ kind: 'kd' }] },
    /^error training\.crop\.1: The width of the crop, 40, .* output stride 16\. Use 32 or 48\.$/,
  );
  only({ ...crop, teacher: wide }, /^warning teacher: /);
  only({ training: { crop: [48, 20] }, student: wide }, /The width of the crop, 20, .* Use 16 or 32\.$/);
});

test('RDD needs the auxiliary head of its teacher', () => {
  const without = { backbone: 'mobilenetv2' };
  only(
    { teacher: without, methods: [{ kind: 'rdd' }] },
    /^error methods\.0: .*deeplabv3-mobilenetv2 has no auxiliary head\. Give the teacher one/,
  );
  const tse = { kind: 'rdd', stages: 'tse' };
  only({ teacher: without, methods: [tse] }, /Leave the auxiliary head of the student out too/);
  assert.deepEqual(problems({ student: without, methods: [tse] }), []);
  assert.deepEqual(problems({ student: without, teacher: {}, methods: [{ kind: 'rdd' }] }), []);
});

test('a weight for auxiliary heads that are not there', () => {
  only(
    { student: { backbone: 'mobilenetv2' }, training: { auxWeight: 0.2 } },
    /^warning training\.auxWeight: .*no effect/,
  );
  assert.deepEqual(problems({ training: { auxWeight: 0.2 } }), []);
});
