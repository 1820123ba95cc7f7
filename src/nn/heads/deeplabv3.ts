import { type ConvBnNames, type Graph, inModule, inSequence, scaledChannels, type Value } from '../graph';
import type { Outputs } from '../network';
import { alignsCorners, type SegmenterSpec } from '../spec';
import { fcnAux } from './fcn';
import { headWidths } from './widths';

const RATES = [12, 24, 36] as const;

/**
 * DeepLabV3: atrous spatial pyramid of five branches, their fusion and the classifier, whose input is `features`.
 * CIRKD (models/deeplabv3.py) fuses by a 1x1 and refines by a 3x3 convolution; mmsegmentation
 * (mmseg/models/decode_heads/aspp_head.py) fuses by a 3x3 convolution and puts the image mean first.
 */
export function deepLabV3(graph: Graph, stages: readonly Value[], spec: SegmenterSpec): Outputs<Value> {
  const { backbone, classes, style, width } = spec;
  const x = stages.at(-1)!;
  const widths = headWidths(backbone);
  const to = scaledChannels(style === 'cirkd' ? widths.cirkd.deepLabV3 : widths.mmseg.head, width);
  const block = (y: Value, names: ConvBnNames, kernel: number, dilation = 1) =>
    graph.convBnRelu(y, names, {
      ...{ to, kernel, dilation },
      init: style === 'cirkd' ? 'default' : 'fan-out',
    });
  const mean = (names: ConvBnNames) =>
    graph.resize(block(graph.adaptivePool(x, 1), names, 1), x, alignsCorners(spec));

  let features: Value;
  let logits: Value;
  if (style === 'cirkd') {
    const pyramid = graph.concat(
      block(x, inSequence('head.aspp.b0'), 1),
      ...RATES.map((rate, i) => block(x, inSequence(`head.aspp.b${i + 1}.block`), 3, rate)),
      mean(inSequence('head.aspp.b4.gap', 1)),
    );
    const fused = graph.dropout(block(pyramid, inSequence('head.aspp.project'), 1), 0.5);
    features = graph.dropout(block(fused, inSequence('head.block'), 3), 0.1);
    logits = graph.conv(features, 'head.block.4', { to: classes, kernel: 1, bias: true, init: 'default' });
  } else {
    const pyramid = graph.concat(
      mean(inModule('decode_head.image_pool.1')),
      block(x, inModule('decode_head.aspp_modules.0'), 1),
      ...RATES.map((rate, i) => block(x, inModule(`decode_head.aspp_modules.${i + 1}`), 3, rate)),
    );
    features = graph.dropout(block(pyramid, inModule('decode_head.bottleneck'), 3), 0.1, true);
    logits = graph.conv(features, 'decode_head.conv_seg', {
      ...{ to: classes, kernel: 1, bias: true },
      init: 'classifier',
    });
  }
  return { logits, features, aux: fcnAux(graph, stages, spec) };
}
