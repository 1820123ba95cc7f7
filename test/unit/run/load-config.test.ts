import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkConfigFile, loadConfig } from '../../../src/run/load-config';
import { temporaryFolder } from './fixtures';

const folder = temporaryFolder();

function put(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

test('a configuration in YAML is what the same in JSON is, and names its run after its file', () => {
  const yaml = loadConfig(
    put('street.distill.yaml', 'dataset: { kind: sample }\nmethods:\n  - kind: rdd # hard\n'),
  );
  const json = loadConfig(
    put('street.distill.json', '{ "dataset": { "kind": "sample" }, "methods": [{ "kind": "rdd" }] }'),
  );
  assert.deepEqual(yaml.config, json.config);
  assert.equal(yaml.name, 'street');
  assert.match(yaml.text, /# hard/);
});

test('problems are told with their line and column in either language', () => {
  const { config, lines } = checkConfigFile(
    put('bad.distill.yaml', 'dataset:\n  kind: sample\ntraining:\n  crop: [100, 96]\n'),
  );
  assert.equal(config, undefined);
  assert.match(lines[0]!, /bad\.distill\.yaml:4:10: The height of the crop, 100/);
  assert.match(
    checkConfigFile(put('torn.distill.yaml', 'dataset: {')).lines[0]!,
    /torn\.distill\.yaml:1:\d+: Not valid YAML/,
  );
});
