import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nodeAt, placeAt } from '../../../src/run/document/config-document';
import { cursorAt } from '../../../src/run/document/cursor';
import { applyTextEdits, type ConfigEdit, textEdits } from '../../../src/run/document/edit';
import { languageOf, nameOf, openDocument } from '../../../src/run/document/open-document';

const json = `{
  // top
  "dataset": { "kind": "sample" }, // here
  "methods": [
    // about lad
    { "kind": "lad", "cwd": { "weight": 3, "temperature": 4 } }, // lad
    { "kind": "kd", "weight": 1 } // kd
  ],
  "training": {
    "batch": 4, // four
    // crop
    "crop": [96, 100],
    "ohem": { "form": "none" } // tail
  },
  "student": {}
}
`;
const oneLine = JSON.stringify(openDocument(json, 'a.json').value);
const yaml = `# top
dataset:
  kind: sample # here
methods:
  - kind: lad # lad
    cwd: { weight: 3, temperature: 4 }
  - kind: kd
    weight: 1
  # tail of methods
training: # t
  batch: 4
  crop: [96, 100]
  ohem:
    form: none
# the end
student: {}
`;
const texts = { 'a.distill.json': json, 'one-line.distill.json': oneLine, 'a.distill.yaml': yaml };

/** The value after an edit, which is made by hand. */
const edits: [ConfigEdit, (value: ReturnType<typeof plain>) => void][] = [
  [
    { kind: 'set', path: ['training', 'crop', 1], value: 96 },
    (v) => {
      v.training.crop[1] = 96;
    },
  ],
  [
    { kind: 'set', path: ['training', 'seed'], value: 1 },
    (v) => {
      v.training.seed = 1;
    },
  ],
  [
    { kind: 'set', path: ['dataset', 'root'], value: 'my data: x, y' },
    (v) => {
      v.dataset.root = 'my data: x, y';
    },
  ],
  [
    { kind: 'set', path: ['teacher', 'width'], value: 0.5 },
    (v) => {
      v.teacher = { width: 0.5 };
    },
  ],
  [
    { kind: 'set', path: ['student', 'width'], value: 0.5 },
    (v) => {
      v.student = { width: 0.5 };
    },
  ],
  [
    { kind: 'set', path: ['methods', 0, 'noise', 'scale'], value: 5 },
    (v) => {
      v.methods[0]!.noise = { scale: 5 };
    },
  ],
  [
    { kind: 'set', path: ['methods', 2], value: { kind: 'dist' } },
    (v) => void v.methods.push({ kind: 'dist' }),
  ],
  [
    { kind: 'set', path: ['training', 'ohem'], value: { form: 'stdc' } },
    (v) => {
      v.training.ohem = { form: 'stdc' };
    },
  ],
  [{ kind: 'remove', path: ['methods', 0] }, (v) => void v.methods.shift()],
  [{ kind: 'remove', path: ['methods', 1] }, (v) => void v.methods.pop()],
  [{ kind: 'remove', path: ['methods', 0, 'cwd'] }, (v) => void delete v.methods[0]!.cwd],
  [{ kind: 'remove', path: ['methods', 1, 'kind'] }, (v) => void delete v.methods[1]!.kind],
  [
    { kind: 'remove', path: ['training', 'ohem', 'form'] },
    (v) => {
      v.training.ohem = {};
    },
  ],
  [{ kind: 'remove', path: ['training', 'batch'] }, (v) => void delete v.training.batch],
  [{ kind: 'remove', path: ['training'] }, (v) => void delete (v as Partial<typeof v>).training],
  [
    { kind: 'rename', path: ['dataset', 'kind'], name: 'root' },
    (v) => {
      delete v.dataset.kind;
      v.dataset.root = 'sample';
    },
  ],
];

function plain() {
  return openDocument(json, 'a.json').value as {
    dataset: Record<string, unknown>;
    methods: Record<string, unknown>[];
    training: Record<string, unknown> & { crop: number[] };
    student: object;
    teacher?: object;
  };
}

describe('a configuration as a document', () => {
  it('says the same in JSON and in YAML', () => {
    for (const [file, text] of Object.entries(texts)) {
      const document = openDocument(text, file);
      assert.deepEqual(document.syntax, []);
      assert.deepEqual(document.value, plain(), file);
    }
  });

  it('knows where everything is', () => {
    for (const [file, text] of Object.entries(texts)) {
      const { root } = openDocument(text, file);
      const batch = nodeAt(root, ['training', 'batch'])!;
      assert.equal(text.slice(batch.offset, batch.offset + batch.length), '4', file);
      assert.deepEqual(placeAt(root, batch.offset)?.path, ['training', 'batch']);
      const key = placeAt(root, text.lastIndexOf('crop') + 1);
      assert.deepEqual([key?.path, key?.on], [['training', 'crop'], 'key']);
    }
  });

  it('is changed in place: the value becomes what it should, and comments stay', () => {
    for (const [file, text] of Object.entries(texts))
      for (const [edit, change] of edits) {
        const wanted = plain();
        change(wanted);
        const after = applyTextEdits(text, textEdits(openDocument(text, file), edit));
        const document = openDocument(after, file);
        const what = `${file}: ${JSON.stringify(edit)}\n${after}`;
        assert.deepEqual(document.syntax, [], what);
        assert.deepEqual(document.value, wanted, what);
        if (!text.includes('top')) continue;
        for (const comment of ['top', 'here']) assert.match(after, new RegExp(comment), what);
        // All other lines are as they were.
        const lines = new Set(after.split('\n'));
        const gone = text.split('\n').filter((line) => !lines.has(line));
        assert.ok(gone.length <= (edit.path.length === 1 ? 6 : 2), `${what}\ngone: ${gone.join('\n')}`);
      }
  });

  it('does nothing where a path leads nowhere', () => {
    for (const [file, text] of Object.entries(texts))
      for (const edit of [
        { kind: 'remove', path: ['engine'] },
        { kind: 'remove', path: ['methods', 7] },
        { kind: 'rename', path: ['training', 'seed'], name: 'x' },
        { kind: 'set', path: ['training', 'batch', 'x'], value: 1 },
      ] as const)
        assert.deepEqual(textEdits(openDocument(text, file), edit), [], `${file} ${JSON.stringify(edit)}`);
  });

  it('is begun where there is nothing yet', () => {
    const edit: ConfigEdit = { kind: 'set', path: ['dataset', 'kind'], value: 'sample' };
    for (const [file, text] of [
      ['a.json', ''],
      ['a.yaml', ''],
      ['a.yaml', '# mine'],
      ['a.json', '{}'],
      ['a.yaml', 'dataset:\n'],
    ] as const) {
      const after = applyTextEdits(text, textEdits(openDocument(text, file), edit));
      assert.deepEqual(openDocument(after, file).value, { dataset: { kind: 'sample' } }, after);
    }
  });
});

describe('texts that are no configuration', () => {
  const refused = (text: string, file: string) => openDocument(text, file).syntax[0]?.message ?? '';

  it('are refused with a place and a reason', () => {
    assert.match(refused('', 'a.yaml'), /empty/);
    assert.match(refused('# nothing', 'a.yaml'), /empty/);
    assert.match(refused('a: [1', 'a.yaml'), /Not valid YAML: Flow sequence/);
    assert.match(refused('a: 1\na: 2', 'a.yaml'), /keys must be unique/);
    assert.match(refused('a: !!js/function x', 'a.yaml'), /Unresolved tag/);
    assert.match(refused('a: 1\n---\nb: 2', 'a.yaml'), /multiple documents/);
    assert.match(refused('{ "a" 1 }', 'a.json'), /colon expected/);
  });

  it('are refused when they would take the process with them', () => {
    for (const file of ['a.json', 'a.yaml']) {
      assert.match(refused('['.repeat(100_000), file), /nested too deeply/);
      assert.match(refused(' '.repeat(2_000_000), file), /2000000 characters/);
    }
    assert.match(refused('- '.repeat(100_000), 'a.yaml'), /nested too deeply/);
    const laughs = Array.from(
      { length: 12 },
      (_, i) => `a${i}: &a${i} [${`*a${i - 1}, `.repeat(i ? 9 : 0)}x]`,
    );
    assert.match(refused(laughs.join('\n'), 'a.yaml'), /aliases stand for far too much/);
    assert.deepEqual(openDocument('a: &a [*a]', 'a.yaml').value, { a: [[]] });
  });

  it('cannot reach the prototype of anything', () => {
    for (const [file, text] of [
      ['a.json', '{ "__proto__": { "polluted": 1 } }'],
      ['a.yaml', '__proto__: { polluted: 1 }'],
    ] as const) {
      const value = openDocument(text, file).value as Record<string, unknown>;
      assert.deepEqual(Object.keys(value), ['__proto__']);
      assert.equal(({} as Record<string, unknown>).polluted, undefined);
    }
  });
});

it('names of files tell what is a configuration, in which language, and how its runs are called', () => {
  const language = (file: string) => languageOf(`/folder/${file}`);
  assert.deepEqual(['distill.json', 'a.distill.json', 'distill.yaml', 'a.b.distill.yaml'].map(language), [
    'json',
    'json',
    'yaml',
    'yaml',
  ]);
  for (const file of ['xdistill.json', 'distill.yml', 'a.distill.json.bak', '.json', 'package.json'])
    assert.equal(language(file), undefined, file);
  assert.equal(nameOf('/x/lad.distill.yaml'), 'lad');
  assert.equal(nameOf('/x/lad.distill.json'), 'lad');
});

/** `at /path [replaced]` for the cursor at `|`. */
function cursor(marked: string, file: string): string {
  const offset = marked.indexOf('|');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const found = cursorAt(openDocument(text, file), offset);
  if (!found) return 'nothing';
  const { at, path, replace, hasValue, siblings, after, comma } = found;
  return [
    `${at} /${path.join('/')} [${text.slice(replace.offset, replace.offset + replace.length)}]`,
    ...(hasValue ? ['has value'] : []),
    ...(siblings.length > 0 ? [`beside ${siblings}`] : []),
    ...(after ? [`then ${after}`] : []),
    ...(comma === undefined ? [] : [`comma after ${text.slice(0, comma).slice(-1)}`]),
  ].join(', ');
}

it('what can be written at the cursor, in JSON', () => {
  for (const [text, expected] of [
    ['|', 'value / []'],
    ['{ | }', 'key / []'],
    ['{ "da|" }', 'key / ["da"]'],
    ['{ "dataset": | }', 'value /dataset []'],
    ['{ "dataset": { "kind": "sam|" } }', 'value /dataset/kind ["sam"]'],
    ['{ "dataset": { "kind": "sample" | } }', 'nothing'],
    ['{ "dataset": { "kind": "sample", | } }', 'key /dataset [], beside kind'],
    ['{ "methods": [|] }', 'value /methods/0 []'],
    ['{ "methods": [{ "kind": "lad", "|" }] }', 'key /methods/0 [""], beside kind'],
    ['{ "training": { | "batch": 4 } }', 'key /training [], beside batch, then ,'],
    ['{ "training": { "ba|": 4 } }', 'key /training ["ba"], has value'],
    ['{ "training": { "crop": [96, 9|6] } }', 'value /training/crop/1 [96]'],
    ['{ // com|ment\n }', 'nothing'],
    ['{\n "training": { "batch": 4 }\n |\n}', 'key / [], beside training, comma after }'],
  ] as const)
    assert.equal(cursor(text, 'a.json'), expected, text);
});

it('what can be written at the cursor, in YAML', () => {
  for (const [text, expected] of [
    ['|', 'key / []'],
    ['dataset:\n  kind: |\n', 'value /dataset/kind []'],
    ['dataset:\n  kind: sam|ple # x\n', 'value /dataset/kind [sample]'],
    ['dataset:\n  |\ntraining:\n  seed: 1\n', 'key /dataset []'],
    ['dataset:\n  kind: sample\n  ro|\n', 'key /dataset [ro], beside kind'],
    ['dataset: { kind: | }', 'value /dataset/kind []'],
    ['dataset: { kind: sample, r| }', 'key /dataset [r], beside kind'],
    ['methods:\n  - |\n', 'key /methods/0 []'],
    ['methods:\n  - kind: lad\n    |\n', 'key /methods/0 [], beside kind'],
    ['methods: [|]', 'value /methods/0 []'],
    ['methods: [{ kind: lad }, { | }]', 'key /methods/1 []'],
    ['training:\n  crop: [96, |]\n', 'value /training/crop/1 []'],
    ['training:\n  ba|: 4\n', 'key /training [ba], has value'],
    ['# hel|lo\n', 'nothing'],
    ['training:\n  batch: 4\n\n|\nstudent: {}\n', 'key / [], beside training,student'],
  ] as const)
    assert.equal(cursor(text, 'a.yaml'), expected, text);
});
