import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Files } from '../../../src/run/check/files';
import { checkConfig } from '../../../src/run/check-config';
import { openDocument } from '../../../src/run/document/open-document';
import { editorSchema } from '../../../src/run/editor-schema';
import type { FieldSchema, StartingPoint } from '../../../src/run/help/field-schema';
import { filledIn } from '../../../src/run/help/starting-points';
import { completionAt } from './completion-at';

const schema = editorSchema();
const configurations = schema.defaultSnippets!;
const methods = (schema.properties!.methods!.items as FieldSchema).defaultSnippets!;
const labels = (points: readonly StartingPoint[]) => points.map(({ label }) => label);

/** A disk on which everything that a configuration names is there. */
const complete: Files = {
  kind: (path) => (path.endsWith('.pth') ? 'file' : 'folder'),
  isLink: () => false,
  classes: () => undefined,
  datasetReport: () => undefined,
  autoEngine: () => undefined,
  weights: () => undefined,
};

/** What is wrong with a text, whatever this machine may be too small for. */
function wrong(text: string, file: string) {
  const { problems } = checkConfig(
    text,
    `/nowhere/a.distill.${file.endsWith('yaml') ? 'yaml' : 'json'}`,
    complete,
  );
  return problems.filter(({ path }) => path.join('.') !== 'training.batch').map(({ message }) => message);
}

describe('starting configurations', () => {
  const empty = [
    ['|', 'a.json'],
    ['LAD|', 'a.json'],
    ['{|}', 'a.json'],
    ['{ "|" }', 'a.json'],
    ['// mine\n{\n  |\n}\n', 'a.json'],
    ['|', 'a.yaml'],
    ['RD|', 'a.yaml'],
    ['# mine\n|\n', 'a.yaml'],
  ] as const;

  it('name LAD, RDD and what they are compared with', () => {
    assert.deepEqual(
      ['LAD on CamVid', 'RDD with teacher checkpoint', 'KD baseline on CamVid'].filter(
        (label) => !labels(configurations).includes(label),
      ),
      [],
    );
    assert.equal(new Set(labels(configurations)).size, configurations.length);
  });

  it('come first in an empty file, in JSON and in YAML, and are valid as soon as they are taken', () => {
    for (const [marked, file] of empty) {
      const completion = completionAt(schema, marked, file);
      assert.deepEqual(completion.labels.slice(0, configurations.length), labels(configurations), marked);
      for (const { label, body } of configurations) {
        const text = completion.take(label);
        const { value, syntax } = openDocument(text, file);
        assert.deepEqual([value, syntax], [filledIn(body), []], text);
        assert.deepEqual(wrong(text, file), [], text);
        if (marked.includes('mine')) assert.ok(text.includes(' mine\n'));
      }
    }
  });

  it('are laid out over lines, with places for what a user has to fill in', () => {
    const json = completionAt(schema, '{|}').proposal('RDD with teacher checkpoint')!.insert;
    assert.match(
      json,
      /^\n {2}"dataset": \{ "kind": "cityscapes", "root": "\$\{1:data\/cityscapes\}" \\\},\n/,
    );
    assert.match(json, /"checkpoint": "\$\{2:teacher\.pth\}" \\\},\n/);
    assert.match(json, /\n {2}"training": \{\n {4}"seed": 1,\n[\s\S]*\n {2}\\\}\n$/);
    const yaml = completionAt(schema, '|', 'a.yaml').proposal('LAD on the embedded scenes')!.insert;
    assert.match(yaml, /^dataset:\n {2}kind: sample\nmethods:\n {2}- kind: lad\n/);
    assert.match(yaml, /\n {2}iterations: \$\{1:300\}\n[\s\S]*\n {2}teacherIterations: \$\{1:300\}\n/);
  });

  it('are not in the way where something is written already', () => {
    for (const [marked, file] of [
      ['{ "dataset": { "kind": "sample" }, | }', 'a.json'],
      ['{ "training": { | } }', 'a.json'],
      ['{ "|": [] }', 'a.json'],
      ['dataset:\n  kind: sample\n|\n', 'a.yaml'],
      ['training:\n  |\n', 'a.yaml'],
    ] as const)
      for (const label of completionAt(schema, marked, file).labels)
        assert.ok(!labels(configurations).includes(label), `${label} at ${marked}`);
  });
});

describe('variants of methods', () => {
  it('follow the methods in the list, in JSON and in YAML, and are valid as soon as they are taken', () => {
    const dataset = (more: string) => `{ "dataset": { "kind": "camvid", "root": "a" }, ${more} }`;
    for (const [marked, file] of [
      [dataset('"methods": [{ "kind": "at" }, |]'), 'a.json'],
      [dataset('"methods": [{ "kind": "at" }, { | }]'), 'a.json'],
      ['dataset: { kind: camvid, root: a }\nmethods: [{ kind: at }, |]\n', 'a.yaml'],
      ['dataset: { kind: camvid, root: a }\nmethods:\n  - kind: at\n  - |\n', 'a.yaml'],
    ] as const) {
      const completion = completionAt(schema, marked, file);
      assert.deepEqual(completion.labels.slice(-methods.length), labels(methods), marked);
      for (const { label, body } of methods) {
        const text = completion.take(label);
        const { value, syntax } = openDocument(text, file);
        const taken = (value as { methods: unknown[] }).methods[1];
        assert.deepEqual([taken, syntax], [filledIn(body), []], text);
        assert.deepEqual(wrong(text, file), [], text);
      }
    }
  });
});
