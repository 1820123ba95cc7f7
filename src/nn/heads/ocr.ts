import { type Graph, inModule, scaledChannels, type Value } from '../graph';
import type { Outputs } from '../network';
import { alignsCorners, type SegmenterSpec } from '../spec';

/**
 * OCRNet: a first head labels the pixels coarsely; from what it says each class gets a vector, the mean of the features of
 * its pixels; every pixel looks these up by attention, and a second head labels it again. The first head, at 0.4, takes
 * part in the loss, and its logits learn from the second head too. mmsegmentation passes the features through the first
 * head twice in a training step, which updates its running statistics twice; here it is once.
 * Source: Yuan et al. 2020; mmsegmentation, mmseg/models/decode_heads/{fcn_head,ocr_head}.py and
 * configs/_base_/models/ocrnet_hr18.py.
 */
export function ocrNet(graph: Graph, stages: readonly Value[], spec: SegmenterSpec): Outputs<Value> {
  const { classes, width } = spec;
  const [finest, ...coarser] = stages as [Value, ...Value[]];
  const x = graph.concat(finest, ...coarser.map((y) => graph.resize(y, finest, alignsCorners(spec))));
  const unit = (y: Value, name: string, to: number, kernel = 1) =>
    graph.convBnRelu(y, inModule(`decode_head.${name}`), { to, kernel, init: 'fan-out' });
  const classify = (y: Value, head: number) =>
    graph.conv(y, `decode_head.${head}.conv_seg`, {
      ...{ to: classes, kernel: 1, bias: true },
      init: 'classifier',
    });

  const coarse = classify(unit(x, '0.convs.0', x.channels), 0);

  const channels = scaledChannels(512, width);
  const inner = scaledChannels(256, width);
  const block = '1.object_context_block';
  const project = (y: Value, name: string) =>
    unit(unit(y, `${block}.${name}.0`, inner), `${block}.${name}.1`, inner);
  const pixels = unit(x, '1.bottleneck', channels, 3);
  const objects = graph.weightedSums(graph.softmax(coarse, 'positions'), pixels);
  const key = project(objects, 'key_project');
  const query = project(pixels, 'query_project');
  const value = unit(objects, `${block}.value_project`, inner);
  const similarity = graph.scale(graph.products(query, key, classes), inner ** -0.5);
  const context = graph.mixtures(graph.softmax(similarity, 'channels'), value);
  const looked = unit(context, `${block}.out_project`, channels);
  const features = unit(graph.concat(looked, pixels), `${block}.bottleneck`, channels);

  return {
    logits: classify(features, 1),
    features,
    aux: [{ name: 'coarse', kind: 'classes', weight: 0.4, logits: coarse }],
  };
}
