import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { configJsonSchema } from '../../../src/protocol/config';
import { openDocument } from '../../../src/run/document/open-document';
import { type FieldSchema, kindOf, kindsOf } from '../../../src/run/help/field-schema';
import { hoverAt } from '../../../src/run/help/hover';
import { asWritten, folderOf, pathsIn } from '../../../src/run/help/paths';
import { completionAt } from './completion-at';

const schema = configJsonSchema() as FieldSchema;

const complete = (marked: string, file?: string) => completionAt(schema, marked, file);

describe('completion', () => {
  it('offers every field of the schema that is not there yet, in JSON and in YAML', () => {
    const fields = Object.keys(schema.properties!).filter((name) => name !== '$schema');
    assert.deepEqual(complete('{ | }').labels, fields);
    assert.deepEqual(complete('|', 'a.yaml').labels, fields);
    const training = Object.keys(schema.properties!.training!.properties!);
    assert.deepEqual(
      complete('{ "training": { "seed": 1, | } }').labels,
      training.filter((name) => name !== 'seed'),
    );
    assert.deepEqual(
      complete('training:\n  seed: 1\n  |\n', 'a.yaml').labels,
      training.filter((name) => name !== 'seed'),
    );
  });

  it('offers every method with what it is, and the fields of the one that is chosen', () => {
    const kinds = kindsOf(schema.properties!.methods!.items as FieldSchema);
    for (const [text, file] of [
      ['{ "methods": [|] }', 'a.json'],
      ['methods: [|]', 'a.yaml'],
      ['methods:\n  - |\n', 'a.yaml'],
    ] as const) {
      const completion = complete(text, file);
      for (const kind of kinds) {
        const proposal = completion.proposal(kindOf(kind)!);
        assert.equal(proposal?.documentation, kind.description);
        const after = completion.take(kindOf(kind)!);
        const { value, syntax } = openDocument(after, file);
        assert.deepEqual([value, syntax], [{ methods: [{ kind: kindOf(kind) }] }, []], after);
      }
    }
    assert.ok(complete('{ "methods": [{ "kind": "rdd", | }] }').labels.includes('warmup'));
    assert.ok(
      complete('methods:\n  - kind: rdd\n    tse:\n      |\n', 'a.yaml').labels.includes('threshold'),
    );
    assert.deepEqual(complete('{ "methods": [{ | }] }').labels, ['kind']);
  });

  it('begins each field with its default, or with what is published for the dataset', () => {
    assert.match(complete('{ "training": { | } }').take('lr'), /"lr": 0\.02/);
    const camvid = (rest: string) => `{ "dataset": { "kind": "camvid" }, "training": { ${rest} } }`;
    assert.match(complete(camvid('|')).take('crop'), /"crop": \[360, 360\]/);
    const iterations = complete('{ "dataset": { "kind": "ade20k" }, "training": { "iterations": | } }');
    assert.equal(iterations.proposal('80000')?.detail, 'default, as published for ADE20K');
    assert.equal(iterations.proposal('40000'), undefined);
    assert.equal(complete('{ "training": { "iterations": | } }').proposal('40000')?.detail, 'default');
    assert.match(complete(camvid('|')).proposal('crop')!.detail!, /default \[360,360\]/);
    assert.match(complete('{ "training": { | "batch": 4 } }').take('seed'), /"seed": 1, ?"batch"/);
    assert.match(complete('{\n  "methods": []\n  |\n}').take('engine'), /\[\],\n {2}"engine": ""/);
    assert.match(complete('{ "training": { "ba|": 4 } }').take('batch'), /"batch": 4/);
  });

  it('gives a dataset together with its published schedule, wherever the training section is', () => {
    const published = { iterations: 80000, crop: [512, 512], lr: 0.02, batch: 16 };
    for (const [text, file, others] of [
      ['{ "dataset": { "kind": "|" } }', 'a.json', {}],
      [
        '{\n  "dataset": { "kind": "|" }, // mine\n  "training": {\n    "seed": 3 // three\n  }\n}',
        'a.json',
        { seed: 3 },
      ],
      ['{ "training": { "seed": 3, "lr": 1 }, "dataset": { "kind": | } }', 'a.json', { seed: 3 }],
      ['dataset:\n  kind: |\n', 'a.yaml', {}],
      ['training:\n  seed: 3\n  lr: 1 # too much\ndataset:\n  kind: |\n', 'a.yaml', { seed: 3 }],
    ] as const) {
      const after = complete(text, file).take('ade20k, with the published schedule');
      const { value, syntax } = openDocument(after, file);
      assert.deepEqual(syntax, [], after);
      assert.deepEqual(value, { dataset: { kind: 'ade20k' }, training: { ...others, ...published } }, after);
      for (const comment of text.match(/(mine|three|too much)/g) ?? []) assert.ok(after.includes(comment));
    }
  });

  it('offers the values of lists with what each is, and marks the default', () => {
    const mode = complete('{ "engine": "|" }');
    assert.deepEqual(mode.labels, ['auto', 'tensorflow', 'webgpu', 'wasm']);
    assert.equal(mode.proposal('auto')?.isDefault, true);
    assert.equal(mode.take('wasm'), '{ "engine": "wasm" }');
    assert.match(complete('dataset:\n  kind: |', 'a.yaml').proposal('camvid')!.documentation!, /SegNet/);
    assert.deepEqual(complete('{ "student": { "outputStride": | } }').labels, ['4', '8', '16', '32']);
    assert.deepEqual(complete('{ "training": { "augment": { "flip": | } } }').labels, ['true', 'false']);
    assert.deepEqual(complete('{ "training": { "augment": { "baseSize": | } } }').labels, ['image']);
  });

  it('knows where a path belongs', () => {
    assert.equal(complete('{ "dataset": { "root": "|" } }').wantsPath, 'folder');
    assert.equal(complete('teacher:\n  checkpoint: a|\n', 'a.yaml').wantsPath, 'weights');
    assert.equal(complete('student:\n  init: |\n', 'a.yaml').wantsPath, 'weights');
    assert.equal(complete('{ "name": "|" }').wantsPath, undefined);
  });

  it('has nothing to say in comments and where nothing fits', () => {
    for (const text of ['{ // |\n }', '{ "training": { "batch": 4 | } }', '{ "nothing": { | } }'])
      assert.deepEqual(complete(text).labels, [], text);
    assert.deepEqual(complete('# |', 'a.yaml').labels, []);
  });
});

describe('paths', () => {
  const entries = [
    { name: 'teacher.pth', isFolder: false },
    { name: 'notes.txt', isFolder: false },
    { name: 'data', isFolder: true },
    { name: '.git', isFolder: true },
    { name: '.distill', isFolder: true },
  ];

  it('are those of the folder that is written so far: folders, and weights where weights are wanted', () => {
    assert.deepEqual(folderOf('../wei', '/work/a'), { lead: '../', folder: '/work/' });
    assert.deepEqual(folderOf('/data/c', '/work/a'), { lead: '/data/', folder: '/data/' });
    const paths = (wants: 'folder' | 'weights') => pathsIn(entries, 'a/', wants).map(({ path }) => path);
    assert.deepEqual(paths('folder'), ['a/.distill/', 'a/data/']);
    assert.deepEqual(paths('weights'), ['a/.distill/', 'a/data/', 'a/teacher.pth']);
    assert.ok(pathsIn([], '', 'folder').some(({ path }) => path === '../'));
  });

  it('are written relative to the configuration, unless they are far away', () => {
    assert.equal(asWritten('/w/.distill/runs/x/best.safetensors', '/w'), '.distill/runs/x/best.safetensors');
    assert.equal(asWritten('/w/a/x.pth', '/w/b'), '../a/x.pth');
    assert.equal(asWritten('/other/x.pth', '/w/a/b/c'), '/other/x.pth');
  });
});

describe('hovers', () => {
  const hover = (text: string, word: string, file = 'a.json') =>
    hoverAt(openDocument(text, file), schema, text.indexOf(word) + 1)?.markdown ?? '';
  const text =
    '{ "dataset": { "kind": "camvid" }, "training": { "crop": [64, 96] }, "methods": [{ "kind": "rdd", "tse": { "mode": "xor" } }] }';

  it('tell meaning, type, default, source, and what is published for the dataset', () => {
    const crop = hover(text, 'crop');
    assert.match(crop, /\*\*`training\.crop`\*\* — list of 2 values/);
    assert.match(crop, /Height and width/);
    assert.match(crop, /Default: `\[360, 360\]`, as published for CamVid\./);
    assert.equal(hover(text, '64'), crop);
    assert.match(
      hover(text, 'mode'),
      /RDD paper, Table 6: XOR is best\.[\s\S]*Default: `"xor"`[\s\S]*`"or"`/,
    );
    assert.match(
      hover('methods:\n  - kind: rdd\n    warmup: 0.2\n', 'warmup', 'a.yaml'),
      /at least 0, at most 1/,
    );
    assert.match(hover(text, '"rdd"'), /relative difficulty distillation/);
  });

  it('are on what is written there, and nowhere else', () => {
    assert.equal(hover(text, '{ "kind"'), '');
    assert.equal(hover('{ "nothing": 1 }', 'nothing'), '');
  });
});

describe('the schema', () => {
  const fields: { path: string; field: FieldSchema }[] = [];
  const walk = (field: FieldSchema, path: string): void => {
    if (path !== '' && !path.endsWith(']') && !path.endsWith('.kind')) fields.push({ path, field });
    for (const one of field.oneOf ?? []) walk(one, `${path}<${kindOf(one)}>`);
    for (const [name, one] of Object.entries(field.properties ?? {}))
      if (name !== '$schema') walk(one, `${path}${path ? '.' : ''}${name}`);
    if (field.items && !Array.isArray(field.items)) walk(field.items, `${path}[]`);
  };
  walk(schema, '');

  it('explains every field and every method', () => {
    assert.ok(fields.length > 80);
    for (const { path, field } of fields)
      assert.ok((field.description ?? '').length > 5, `${path} is not explained`);
  });

  it('names the source of every default of a method', () => {
    const source = /code|paper|CIRKD|mmseg|mmrazor|STDC|RDD|LAD|DIST|[Pp]ublished|Table|Eq\./;
    const numbers = fields.filter(
      ({ path, field }) => path.startsWith('methods') && typeof field.default === 'number',
    );
    assert.ok(numbers.length > 30);
    for (const { path, field } of numbers)
      assert.match(field.description!, source, `${path}: whose default is it?`);
  });

  it('says which texts are paths', () => {
    const paths = fields
      .filter(({ field }) => field.format)
      .map(({ path, field }) => `${path} ${field.format}`);
    assert.deepEqual(paths, [
      'dataset.root folder',
      'student.checkpoint weights',
      'student.init weights',
      'teacher.checkpoint weights',
      'teacher.init weights',
    ]);
  });
});
