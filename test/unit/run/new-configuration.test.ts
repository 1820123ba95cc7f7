import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configJsonSchema, type MethodKind } from '../../../src/protocol/config';
import { datasetKinds } from '../../../src/protocol/datasets';
import { checkConfig } from '../../../src/run/check-config';
import { configurationText } from '../../../src/run/help/configuration-text';
import { type FieldSchema, kindOf, kindsOf } from '../../../src/run/help/field-schema';
import { type NewConfiguration, newConfigurationEntries } from '../../../src/run/help/new-configuration';

const schema = configJsonSchema() as FieldSchema;
const methods = kindsOf(schema.properties!.methods!.items as FieldSchema).map(kindOf) as MethodKind[];
const student = { model: 'deeplabv3', backbone: 'resnet18' } as const;

function check(choice: NewConfiguration) {
  const [json, yaml] = (['json', 'yaml'] as const).map((language) => {
    const text = configurationText(newConfigurationEntries(choice, schema), { language });
    return { text, ...checkConfig(text, `/nowhere/a.distill.${language}`) };
  });
  assert.deepEqual(yaml!.document.value, json!.document.value, yaml!.text);
  for (const { text } of [json!, yaml!])
    for (const line of text.split('\n')) assert.ok(line.length <= 110, `too wide: ${line}`);
  return { ...json!, yaml: yaml!.text };
}

test('every method on the embedded scenes can be trained as it stands, and says what it is', () => {
  for (const method of [undefined, ...methods]) {
    const { problems, text, yaml } = check({ method, dataset: 'sample', student });
    assert.deepEqual(problems, [], text);
    assert.match(text, /\n {2}\/\/ A quarter of the published channels/);
    assert.match(yaml, /\n# A quarter of the published channels/);
    if (method === undefined) assert.doesNotMatch(text, /teacher"/);
    else assert.match(text, /"teacher": \{ "model": "deeplabv3"/);
  }
});

test('every dataset begins with its published schedule and the place of its folder', () => {
  for (const dataset of datasetKinds.filter((kind) => kind !== 'sample')) {
    const teacher = { model: 'deeplabv3', backbone: 'resnet101' } as const;
    const { problems, config, text } = check({ method: 'rdd', dataset, student, teacher });
    // The machine may be too small for it, and the folder is not there.
    const others = problems.filter(
      ({ code, severity }) => code !== 'dataset-missing' && severity === 'error',
    );
    assert.deepEqual(others, [], text);
    assert.equal(config?.dataset.root, `data/${dataset}`);
    assert.equal(config.teacher?.backbone, 'resnet101');
  }
  const camvid = check({ method: 'kd', dataset: 'camvid', root: '../x', student });
  assert.deepEqual(camvid.config?.training.crop, [360, 360]);
  assert.equal(camvid.config?.dataset.root, '../x');
  assert.match(camvid.text, /\/\/ As published for CamVid\./);
});
