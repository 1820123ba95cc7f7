import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BACKBONES, MODELS } from '../../../src/protocol/networks';
import { editorSchema } from '../../../src/run/editor-schema';
import { networkSummary } from '../../../src/run/network-summary';

const text = `{
  "dataset": { "kind": "camvid", "root": "/nowhere" },
  "methods": [{ "kind": "lad" }],
  // the student
  "student": { "model": "pspnet", "backbone": "mobilenetv2" },
  "teacher": { "backbone": "resnet101" },
  "training": { "crop": [360, 480], "batch": 4 }
}`;
const at = (word: string, content = text) =>
  networkSummary(content, '/a.distill.json', content.indexOf(word) + 2);

test('on model and backbone: the network at the configured crop and batch, with the classes of the dataset', () => {
  for (const word of ['"model"', '"pspnet"', '"backbone": "mobilenetv2"', '"mobilenetv2"'])
    assert.match(
      at(word)!,
      /^\*\*pspnet-mobilenetv2, 11 classes, 3 input channels, width 1\*\*\n\n- [\d,]+ param/,
    );
  const teacher = at('"resnet101"')!;
  assert.match(teacher, /^\*\*deeplabv3-resnet101, 11 classes, 4 input channels/);
  assert.match(teacher, /for 4 images of 360 x 480; /);
  assert.match(teacher, /\n\| `pretrained\.layer4` \| 45 x 60 x 2048 \| 15\.0 M \|/);
  assert.match(teacher, /\n\| `auxlayer\.block` \|/);
});

test('nothing elsewhere, and nothing while the configuration has errors', () => {
  for (const word of ['"camvid"', '"student"', '"crop"', '"kind": "lad"']) assert.equal(at(word), undefined);
  assert.equal(at('"model"', text.replace('"batch": 4', '"batch": "four"')), undefined);
  assert.equal(at('"model"', text.replace('mobilenetv2', 'stdc1')), undefined);
});

test('completion tells parameters and multiply-adds of every model and backbone, as they are and as published', () => {
  const { properties } = editorSchema() as { properties: Record<string, { properties: object }> };
  for (const role of ['student', 'teacher']) {
    const { model, backbone } = properties[role]!.properties as Record<
      string,
      { enum: string[]; enumDescriptions: string[] }
    >;
    assert.deepEqual([model!.enum, backbone!.enum], [MODELS, BACKBONES]);
    assert.deepEqual(
      [model!.enumDescriptions.length, backbone!.enumDescriptions.length],
      [MODELS.length, BACKBONES.length],
    );
    for (const sentence of [...model!.enumDescriptions, ...backbone!.enumDescriptions])
      assert.match(sentence, / \d+\.\d M parameters, \d+\.\d G multiply-adds \(\d+\.\d G\)/);
    assert.match(
      backbone!.enumDescriptions[2]!,
      /deeplabv3-resnet101 61\.1 M parameters, 257\.9 G multiply-adds \(384\.4 G\)/,
    );
  }
});
