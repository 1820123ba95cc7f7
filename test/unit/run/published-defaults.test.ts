import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configJsonSchema, configSchema } from '../../../src/protocol/config';
import { datasetFacts, datasetKinds } from '../../../src/protocol/datasets';
import { alternativesOf, type FieldSchema, kindOf, kindsOf } from '../../../src/run/help/field-schema';

const schema = configJsonSchema() as FieldSchema;

test('the schedule defaults to that of the dataset; what is written counts', () => {
  const training = (kind: string, written?: object) =>
    configSchema.parse({ dataset: { kind, root: 'x' }, ...(written && { training: written }) }).training;
  for (const kind of datasetKinds) {
    const published = datasetFacts({ kind }).training;
    const { iterations, crop, lr, batch } = training(kind);
    const general = { iterations: 40000, crop: [512, 512], lr: 0.02, batch: 16 };
    assert.deepEqual({ iterations, crop, lr, batch }, published ?? general, kind);
  }
  const { iterations, crop, batch } = training('ade20k', { batch: 4, crop: [64, 96] });
  assert.deepEqual({ iterations, crop, batch }, { iterations: 80000, crop: [64, 96], batch: 4 });
});

test('a configuration that is wrong is refused as before', () => {
  const issues = (written: unknown) =>
    configSchema.safeParse(written).error?.issues.map(({ path }) => path.join('.'));
  for (const written of [null, [], 'camvid', { dataset: 'camvid' }]) assert.ok(issues(written));
  assert.deepEqual(issues({ dataset: { kind: 'camvid' }, training: [1] }), ['training']);
  assert.deepEqual(issues({ dataset: { kind: 'camvid' }, training: { lr: 'x' } }), ['training.lr']);
});

/** Whose it is, or that there is none. */
const SOURCE = /CIRKD|LAD|RDD|DIST|mmsegmentation|mmrazor|STDC|[Pp]ublished|paper|not recorded/;
/** Switches and schedules of this program, for which nothing is published. */
const OWN = /^training\.(seed|evaluateEvery|checkpointEvery|sampleEvery)$/;

test('every default of a method and of the training says where it comes from', () => {
  const methods = kindsOf(schema.properties!.methods!.items as FieldSchema);
  const sections: [string, FieldSchema][] = [
    ['training', schema.properties!.training!],
    ...methods.map((one): [string, FieldSchema] => [kindOf(one)!, one]),
  ];
  const fields = sections.flatMap(([name, section]) => withDefaults(name, section));
  assert.ok(fields.length > 60, `${fields.length}`);
  const unsourced = fields.filter(([at, text]) => !OWN.test(at) && !SOURCE.test(text)).map(([at]) => at);
  assert.deepEqual(unsourced, []);
});

/** Path and description of every field with a default, those of sections within sections included. */
function withDefaults(path: string, field: FieldSchema): [string, string][] {
  return alternativesOf(field).flatMap((one) =>
    Object.entries(one.properties ?? {}).flatMap(([name, inner]): [string, string][] => {
      const at = `${path}.${name}`;
      if (inner.properties) return withDefaults(at, inner);
      return inner.default === undefined ? [] : [[at, inner.description ?? '']];
    }),
  );
}
