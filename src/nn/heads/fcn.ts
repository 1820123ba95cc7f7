import { type Graph, inModule, inSequence, scaledChannels, type Value } from '../graph';
import type { AuxOutput, Outputs } from '../network';
import type { SegmenterSpec } from '../spec';
import { headWidths } from './widths';

/**
 * FCN. In the style of mmsegmentation (mmseg/models/decode_heads/fcn_head.py): two 3x3 convolutions, their result next
 * to the stage, a third one. CIRKD has none of its own; in its style it is its auxiliary head on the last stage.
 */
export function fcn(graph: Graph, stages: readonly Value[], spec: SegmenterSpec): Outputs<Value> {
  const x = stages.at(-1)!;
  const widths = headWidths(spec.backbone);
  const main =
    spec.style === 'cirkd'
      ? cirkdHead(graph, x, 'head', widths.cirkd.fcn, spec)
      : mmsegHead(graph, x, { name: 'decode_head', to: widths.mmseg.head, convs: 2, concat: true }, spec);
  return { ...main, aux: fcnAux(graph, stages, spec) };
}

/** The auxiliary head of all models on dilated backbones, on the stage before the last; its loss weighs 0.4 everywhere. */
export function fcnAux(graph: Graph, stages: readonly Value[], spec: SegmenterSpec): AuxOutput<Value>[] {
  if (!spec.auxHead) return [];
  const x = stages.at(-2)!;
  const widths = headWidths(spec.backbone);
  const { logits } =
    spec.style === 'cirkd'
      ? cirkdHead(graph, x, 'auxlayer', widths.cirkd.aux, spec)
      : mmsegHead(graph, x, { name: 'auxiliary_head', to: widths.mmseg.aux, convs: 1, concat: false }, spec);
  return [{ name: 'aux', kind: 'classes', weight: 0.4, logits }];
}

/** 3x3 convolution, dropout 0.1, classifier. Source: CIRKD, models/deeplabv3.py and models/pspnet.py (the same in both). */
function cirkdHead(graph: Graph, x: Value, name: string, published: number, spec: SegmenterSpec) {
  const to = scaledChannels(published, spec.width);
  const refined = graph.convBnRelu(x, inSequence(`${name}.block`), { to, kernel: 3, init: 'default' });
  const features = graph.dropout(refined, 0.1);
  const logits = graph.conv(features, `${name}.block.4`, {
    ...{ to: spec.classes, kernel: 1, bias: true },
    init: 'default',
  });
  return { logits, features };
}

function mmsegHead(
  graph: Graph,
  x: Value,
  { name, to: published, convs, concat }: { name: string; to: number; convs: number; concat: boolean },
  spec: SegmenterSpec,
) {
  const block = { to: scaledChannels(published, spec.width), kernel: 3, init: 'fan-out' } as const;
  let y = x;
  for (let i = 0; i < convs; i++) y = graph.convBnRelu(y, inModule(`${name}.convs.${i}`), block);
  if (concat) y = graph.convBnRelu(graph.concat(x, y), inModule(`${name}.conv_cat`), block);
  const features = graph.dropout(y, 0.1, true);
  const logits = graph.conv(features, `${name}.conv_seg`, {
    ...{ to: spec.classes, kernel: 1, bias: true },
    init: 'classifier',
  });
  return { logits, features };
}
