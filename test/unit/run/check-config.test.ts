import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { encodeSafetensors, float32Tensor } from '../../../src/nn/weights/safetensors';
import { checkConfig } from '../../../src/run/check-config';
import { temporaryFolder } from './fixtures';

const folder = temporaryFolder();
const file = join(folder, 'a.distill.json');

function put(path: string, text = ''): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

for (const part of ['images/train', 'images/val', 'labels/train', 'labels/val']) put(`data/${part}/x.png`);
put('data/classes.json', JSON.stringify([{ name: 'a' }, { name: 'b' }, { name: 'c' }]));
put('half/images/train/x.png');
put('segnet/train/x.png');
put('listed/camvid_train_list.txt');
const weights = encodeSafetensors({
  tensors: new Map([['w', float32Tensor([1], new Float32Array(1))]]),
  metadata: {},
});
for (const name of ['weights.safetensors', 'weights.pth']) writeFileSync(join(folder, name), weights);
put('scenes/sample.json');
mkdirSync(join(folder, 'folder.safetensors'));

/** `[severity, code, message, underlined text, path]` of every problem. */
function problemsOf(config: unknown) {
  const text = typeof config === 'string' ? config : JSON.stringify(config, null, 2);
  return checkConfig(text, file).problems.map(({ severity, code, message, offset, length, path, fixes }) => ({
    severity,
    code,
    message,
    at: text.slice(offset, offset + length),
    path: path.join('.'),
    fixes,
  }));
}

/** Expects exactly one problem. */
function only(
  config: unknown,
  expected: { severity?: string; code?: string; message: RegExp; at: string; path?: string },
) {
  const problems = problemsOf(config);
  assert.equal(problems.length, 1, JSON.stringify(problems, null, 1));
  const { message, at, ...rest } = problems[0]!;
  assert.match(message, expected.message);
  assert.equal(at, expected.at);
  assert.equal(rest.severity, expected.severity ?? 'error');
  assert.equal(rest.code, expected.code ?? 'config-invalid');
  if (expected.path !== undefined) assert.equal(rest.path, expected.path);
}

const sample = { dataset: { kind: 'sample' } };

test('a sound configuration has no problem and comes back with every default', () => {
  const text =
    '// mine\n{ "dataset": { "kind": "folder", "root": "data", }, /* two */ "methods": [{ "kind": "rdd" }] }';
  const { config, problems } = checkConfig(text, file);
  assert.deepEqual(problems, []);
  assert.equal(config!.training.lr, 0.02);
  assert.deepEqual(
    config!.methods.map(({ kind }) => kind),
    ['rdd'],
  );
});

test('broken JSON is placed where it breaks', () => {
  const text = '{ "dataset": { "kind": "sample" } "methods": [] }';
  const problems = problemsOf(text);
  assert.equal(problems[0]!.code, 'config-syntax');
  assert.match(problems[0]!.message, /Not valid JSON: comma expected/);
  assert.equal(problems[0]!.at, '"methods"');
  assert.equal(checkConfig(text, file).config, undefined);
  assert.ok(problemsOf('').length > 0, 'an empty file');
  assert.equal(problemsOf('{ "dataset": { "kind": "sam')[0]!.code, 'config-syntax');
});

test('an unknown field is underlined and the nearest known one named', () => {
  only(
    { ...sample, training: { iteratons: 5 } },
    {
      message: /no field "iteratons" in "training".*Did you mean "iterations"\?/,
      at: '"iteratons"',
      path: 'training.iteratons',
    },
  );
  only({ ...sample, metods: [] }, { message: /no field "metods".*"methods"\?/, at: '"metods"' });
  only(
    { ...sample, methods: [{ kind: 'rdd', tse: { treshold: 0.5 } }] },
    { message: /"treshold" in "methods\.0\.tse".*"threshold"\?/, at: '"treshold"' },
  );
  only({ ...sample, zzzzzzzzz: 1 }, { message: /Known there: name, dataset, methods/, at: '"zzzzzzzzz"' });
});

test('every unknown field gets a problem of its own', () => {
  assert.deepEqual(
    problemsOf({ ...sample, training: { bach: 1, crob: 2 } }).map(({ at }) => at),
    ['"bach"', '"crob"'],
  );
});

test('a value that is not offered: the offered ones are listed', () => {
  only(
    { dataset: { kind: 'kitti' } },
    {
      message: /"dataset\.kind" must be one of "sample", "folder", "cityscapes",.*, not "kitti"/,
      at: '"kitti"',
    },
  );
  only(
    { ...sample, methods: [{ kind: 'lda' }] },
    { message: /must be one of "lad", "rdd", "kd", "cwd".*, not "lda"/, at: '"lda"' },
  );
});

test('missing, of another type, too small, too large', () => {
  only({}, { message: /"dataset" is missing: expected an object/, at: '{', path: 'dataset' });
  only(
    { ...sample, training: { batch: '16' } },
    { message: /"training\.batch" must be a number, not "16"/, at: '"16"' },
  );
  only(
    { ...sample, training: { batch: 2.5 } },
    { message: /"training\.batch" must be a whole number, not 2\.5/, at: '2.5' },
  );
  only({ ...sample, training: { batch: 0 } }, { message: /must be at least 1, not 0/, at: '0' });
  only(
    { ...sample, training: { crop: [64, 8192] } },
    { message: /must be at most 4096, not 8192/, at: '8192' },
  );
  only({ ...sample, training: { crop: [8, 64] } }, { message: /must be at least 16, not 8/, at: '8' });
  only({ ...sample, training: { lr: 0 } }, { message: /must be more than 0, not 0/, at: '0' });
  only({ ...sample, training: { momentum: 1 } }, { message: /must be less than 1, not 1/, at: '1' });
  only({ ...sample, name: '' }, { message: /"name" must have at least 1 characters, not 0/, at: '""' });
  only([], { message: /The configuration must be an object/, at: '[]' });
});

test('a configuration with a violated schema is not handed out, one with a missing folder is', () => {
  assert.equal(checkConfig('{}', file).config, undefined);
  assert.ok(checkConfig('{ "dataset": { "kind": "camvid", "root": "nowhere" } }', file).config);
});

test('a batch of one: nothing for the batch norm of the pooled image to do', () => {
  only(
    { ...sample, training: { batch: 1 } },
    { message: /batch of 1 cannot train: .*Use 2 or more/, at: '1', path: 'training.batch' },
  );
  assert.deepEqual(problemsOf({ ...sample, training: { batch: 2 } }), []);
});

test('a crop that does not divide by the output stride: the nearest that do', () => {
  only(
    { ...sample, training: { crop: [100, 96] } },
    {
      message: /height of the crop, 100, .*output stride 8\. Use 96 or 104/,
      at: '100',
      path: 'training.crop.0',
    },
  );
  only(
    { ...sample, training: { crop: [96, 17] } },
    { message: /width of the crop, 17, .*Use 16 or 24/, at: '17' },
  );
});

test('a dataset folder that is not there: where it was looked for', () => {
  only(
    { dataset: { kind: 'folder', root: 'dta' } },
    {
      code: 'dataset-missing',
      message: new RegExp(`no such folder: ${join(folder, 'dta')}`),
      at: '"dta"',
      path: 'dataset.root',
    },
  );
  only(
    { dataset: { kind: 'folder', root: 'weights.pth' } },
    { code: 'dataset-missing', message: /no such folder/, at: '"weights.pth"' },
  );
  only(
    { dataset: { kind: 'camvid' } },
    { code: 'dataset-missing', message: /"camvid" needs "root"/, at: '"dataset"' },
  );
});

test('a folder without the parts of a dataset: which are missing', () => {
  only(
    { dataset: { kind: 'folder', root: 'half' } },
    {
      code: 'dataset-missing',
      message:
        /half is no dataset of kind "folder": images\/val, labels\/train, labels\/val, classes\.json are not there/,
      at: '"half"',
    },
  );
  only(
    { dataset: { kind: 'camvid', root: 'segnet' } },
    { code: 'dataset-missing', message: /trainannot, val, valannot are not there/, at: '"segnet"' },
  );
  assert.deepEqual(problemsOf({ dataset: { kind: 'camvid', root: 'listed' } }), []);
});

test('a dataset of another kind than is written: the kind it looks like is offered', () => {
  const [problem] = problemsOf({ dataset: { kind: 'cityscapes', root: 'data' } });
  assert.match(problem!.message, /no dataset of kind "cityscapes".* It looks like "folder"\.$/);
  assert.deepEqual(problem!.fixes, [{ kind: 'set', path: ['dataset', 'kind'], value: 'folder' }]);
  const scenes = problemsOf({ dataset: { kind: 'sample', root: 'listed' } })[0]!;
  assert.deepEqual(scenes.fixes[0], { kind: 'set', path: ['dataset', 'kind'], value: 'camvid' });
  assert.deepEqual(problemsOf({ dataset: { kind: 'cityscapes', root: 'half' } })[0]!.fixes, []);
});

test('sample scenes are made where nothing is, and never over something else', () => {
  assert.deepEqual(problemsOf({ dataset: { kind: 'sample', root: 'not/yet' } }), []);
  assert.deepEqual(problemsOf({ dataset: { kind: 'sample', root: 'scenes' } }), []);
  only(
    { dataset: { kind: 'sample', root: 'data' } },
    { code: 'dataset-missing', message: /something else than the sample scenes/, at: '"data"' },
  );
});

test('a checkpoint that is not there, or is of another kind', () => {
  only(
    { ...sample, student: { checkpoint: 'best.safetensors' } },
    {
      code: 'checkpoint-missing',
      message: new RegExp(`no such file: ${join(folder, 'best.safetensors')}`),
      at: '"best.safetensors"',
      path: 'student.checkpoint',
    },
  );
  const teacher = (checkpoint: string) => ({ ...sample, methods: [{ kind: 'kd' }], teacher: { checkpoint } });
  only(teacher('gone.safetensors'), {
    code: 'checkpoint-missing',
    message: /no such file/,
    at: '"gone.safetensors"',
  });
  only(teacher('folder.safetensors'), {
    code: 'checkpoint-broken',
    message: /folder\.safetensors is not a file\. Give a file of weights/,
    at: '"folder.safetensors"',
  });
  symlinkSync(join(folder, 'weights.safetensors'), join(folder, 'link.pth'));
  only(teacher('link.pth'), {
    code: 'checkpoint-broken',
    message: /symbolic link, which is not followed/,
    at: '"link.pth"',
  });
  for (const name of ['weights.safetensors', 'weights.pth']) assert.deepEqual(problemsOf(teacher(name)), []);
});

test('weights to begin from: they must be there, and be the only ones', () => {
  only(
    { ...sample, student: { init: 'gone.pth' } },
    { code: 'checkpoint-missing', message: /no such file/, at: '"gone.pth"', path: 'student.init' },
  );
  assert.deepEqual(problemsOf({ ...sample, student: { init: 'weights.pth' } }), []);
  only(
    { ...sample, student: { init: 'weights.pth', checkpoint: 'weights.safetensors' } },
    { code: 'config-invalid', message: /"init" would do nothing/, at: '"weights.pth"', path: 'student.init' },
  );
});

test('class weights: one per class, where the classes are known', () => {
  const config = (dataset: object, classWeights: number[]) => ({
    dataset,
    methods: [{ kind: 'kd' }, { kind: 'rdd', tse: { classWeights } }],
  });
  const data = { kind: 'folder', root: 'data' };
  const problems = problemsOf(config(data, [1, 2]));
  assert.equal(problems.length, 1);
  assert.match(problems[0]!.message, /2 class weights for a dataset of 3 classes/);
  assert.equal(problems[0]!.path, 'methods.1.tse.classWeights');
  assert.match(problems[0]!.at, /^\[\s*1,\s*2\s*\]$/);
  assert.deepEqual(problems[0]!.fixes, [{ kind: 'remove', path: ['methods', 1, 'tse', 'classWeights'] }]);
  assert.deepEqual(problemsOf(config(data, [1, 2, 3])), []);
  const camvid = problemsOf(config({ kind: 'camvid', root: 'listed' }, [1]));
  assert.match(camvid[0]!.message, /1 class weights for a dataset of 11 classes/);
});

test('a teacher that no method uses is a warning', () => {
  only(
    { ...sample, teacher: {} },
    { severity: 'warning', message: /No method uses a teacher/, at: '"teacher"' },
  );
  only(
    { ...sample, training: { teacherIterations: 5 } },
    {
      severity: 'warning',
      message: /no teacher stage/,
      at: '"teacherIterations"',
      path: 'training.teacherIterations',
    },
  );
  assert.deepEqual(problemsOf({ ...sample, teacher: {}, methods: [{ kind: 'cwd' }] }), []);
});

test('a method listed twice', () => {
  only(
    { ...sample, methods: [{ kind: 'kd' }, { kind: 'cwd' }, { kind: 'kd', weight: 2 }] },
    { message: /"kd" is listed twice \(first as entry 1\)/, at: '"kd"', path: 'methods.2.kind' },
  );
});

test('RDD with one stage only: what belongs to the switch or the other stage does nothing', () => {
  const rdd = (more: object) => ({ ...sample, methods: [{ kind: 'rdd', ...more }] });
  const warning = { severity: 'warning' };
  only(rdd({ stages: 'tse', warmup: 0.2 }), {
    ...warning,
    message: /"warmup" has no effect with "stages": "tse"/,
    at: '"warmup"',
  });
  only(rdd({ stages: 'tfe', handover: 'linear' }), {
    ...warning,
    message: /"handover" has no effect/,
    at: '"handover"',
  });
  only(rdd({ stages: 'tfe', tse: { mode: 'or' } }), {
    ...warning,
    message: /"tse" has no effect with "stages": "tfe"/,
    at: '"tse"',
  });
  only(rdd({ stages: 'tse', tfe: {} }), { ...warning, message: /"tfe" has no effect/, at: '"tfe"' });
  assert.deepEqual(problemsOf(rdd({ warmup: 0.2, handover: 'linear', tse: {}, tfe: {} })), []);
});

test('several problems are told at once', () => {
  const paths = problemsOf({
    dataset: { kind: 'folder', root: 'gone' },
    training: { crop: [50, 60] },
    student: { checkpoint: 'gone.safetensors' },
  }).map(({ path }) => path);
  assert.deepEqual(paths, ['training.crop.0', 'training.crop.1', 'dataset.root', 'student.checkpoint']);
});
