import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import { checkConfig } from '../../../src/run/check-config';
import { applyTextEdits, textEdits } from '../../../src/run/document/edit';

const sample = { dataset: { kind: 'sample' } };

/** Applies the n-th fix of the only problem of a configuration, in JSON and in YAML, and returns what then is written. */
function fixed(config: object, n = 0): { value: unknown; left: string[] } {
  const [json, yaml] = [
    ['/nowhere/a.distill.json', JSON.stringify(config, null, 2)],
    ['/nowhere/a.distill.yaml', stringify(config)],
  ].map(([file, text]) => {
    const { document, problems } = checkConfig(text!, file!);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    const fix = problems[0]!.fixes[n];
    assert.ok(fix, `no fix ${n} of ${problems[0]!.message}`);
    const after = checkConfig(applyTextEdits(text!, textEdits(document, fix)), file!);
    return { value: after.document.value, left: after.problems.map(({ message }) => message) };
  });
  assert.deepEqual(yaml, json);
  return json!;
}

/** A fix after which nothing is wrong any more. */
function cures(config: object, expected: object, n = 0): void {
  assert.deepEqual(fixed(config, n), { value: { ...sample, ...expected }, left: [] });
}

test('what is misspelt gets the name or the value it was meant to have', () => {
  cures({ ...sample, training: { iteratons: 5 } }, { training: { iterations: 5 } });
  cures({ ...sample, training: { lr: 0.1, learningRate: 5 } }, { training: { lr: 0.1 } });
  cures({ ...sample, methods: [{ kind: 'lda' }] }, { methods: [{ kind: 'lad' }] });
  cures({ ...sample, student: { model: 'deeplab3' } }, { student: { model: 'deeplabv3' } });
  assert.deepEqual(fixed({ dataset: { kind: 'simple' } }).value, sample);
});

test('what has another type or is out of bounds gets the nearest value', () => {
  cures({ ...sample, training: { batch: '16' } }, { training: { batch: 16 } });
  cures({ ...sample, training: { augment: { flip: 'false' } } }, { training: { augment: { flip: false } } });
  cures({ ...sample, training: { seed: 0 } }, { training: { seed: 1 } });
  cures({ ...sample, training: { crop: [64, 8192] } }, { training: { crop: [64, 4096] } }, 0);
});

test('a missing dataset is put in', () => {
  assert.deepEqual(fixed({ methods: [] }), { value: { methods: [], ...sample }, left: [] });
});

test('fields that contradict each other', () => {
  cures({ ...sample, training: { batch: 1 } }, { training: { batch: 2 } });
  cures({ ...sample, training: { crop: [100, 96] } }, { training: { crop: [96, 96] } });
  cures({ ...sample, training: { crop: [100, 96] } }, { training: { crop: [104, 96] } }, 1);
  cures({ ...sample, methods: [{ kind: 'kd' }, { kind: 'kd' }] }, { methods: [{ kind: 'kd' }] });
  cures(
    { ...sample, methods: [{ kind: 'rdd', stages: 'tse', warmup: 0.2 }] },
    { methods: [{ kind: 'rdd', stages: 'tse' }] },
  );
  cures({ ...sample, teacher: { model: 'fcn' } }, {});
  cures(
    { ...sample, training: { ohem: { form: 'none', threshold: 0.5 } } },
    { training: { ohem: { form: 'none' } } },
  );
});

test('networks that cannot be built or trained so', () => {
  cures(
    { ...sample, student: { backbone: 'mobilenetv2', stem: '7x7' } },
    { student: { backbone: 'mobilenetv2' } },
  );
  cures({ ...sample, student: { outputStride: 4 } }, { student: { outputStride: 8 } });
  const rdd = { ...sample, methods: [{ kind: 'rdd' }], teacher: { auxHead: false } };
  cures(rdd, { methods: [{ kind: 'rdd' }], teacher: { auxHead: true } });
});

test('a fix keeps comments and everything else as it is', () => {
  const text =
    '{\n  // mine\n  "dataset": { "kind": "sample" }, // scenes\n  "training": { "bach": 4 /* four */ },\n}\n';
  const { document, problems } = checkConfig(text, '/nowhere/a.distill.json');
  assert.equal(
    applyTextEdits(text, textEdits(document, problems[0]!.fixes[0]!)),
    text.replace('bach', 'batch'),
  );
  const yaml = '# mine\ndataset: { kind: sample } # scenes\ntraining:\n  bach: 4 # four\n';
  const other = checkConfig(yaml, '/nowhere/a.distill.yaml');
  assert.equal(
    applyTextEdits(yaml, textEdits(other.document, other.problems[0]!.fixes[0]!)),
    yaml.replace('bach', 'batch'),
  );
});

test('a discriminator needs a crop that leaves something of the logits', () => {
  const training = { crop: [96, 96] };
  const small = { ...sample, methods: [{ kind: 'adversarial', lastKernel: 1 }], training };
  const crop = { crop: [128, 128] };
  cures(small, { methods: small.methods, training: crop });
  cures(small, { methods: [{ kind: 'adversarial', lastKernel: 1, weight: 0 }], training }, 1);
  const skd = { ...sample, methods: [{ kind: 'skd' }], training: { crop: [256, 512] } };
  cures(skd, { methods: [{ kind: 'skd', adversarial: { lastKernel: 2 } }], training: skd.training });
  cures(skd, { methods: skd.methods, training: { crop: [512, 512] } }, 1);
  assert.deepEqual(
    checkConfig(
      JSON.stringify({ ...skd, training: { crop: [512, 512] } }),
      '/nowhere/a.distill.json',
    ).problems.filter(({ severity }) => severity === 'error'),
    [],
  );
});
