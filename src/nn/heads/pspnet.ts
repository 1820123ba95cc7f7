import { type ConvBnNames, type Graph, inModule, inSequence, scaledChannels, type Value } from '../graph';
import type { Outputs } from '../network';
import { alignsCorners, type SegmenterSpec } from '../spec';
import { fcnAux } from './fcn';
import { headWidths } from './widths';

const BINS = [1, 2, 3, 6] as const;

/**
 * PSPNet: means over 1, 2, 3 and 6 bins, each reduced and spread over the map, next to the features; a 3x3 convolution,
 * whose result is `features`, and the classifier. Both styles differ in widths, names, dropout and resizing only.
 * Sources: CIRKD, models/pspnet.py; mmsegmentation, mmseg/models/decode_heads/psp_head.py.
 */
export function pspNet(graph: Graph, stages: readonly Value[], spec: SegmenterSpec): Outputs<Value> {
  const { backbone, classes, style, width } = spec;
  const cirkd = style === 'cirkd';
  const x = stages.at(-1)!;
  const widths = headWidths(backbone);
  const perBin = scaledChannels(cirkd ? widths.cirkd.bin : widths.mmseg.head, width);
  const to = scaledChannels(cirkd ? widths.cirkd.pspNet : widths.mmseg.head, width);
  const init = cirkd ? 'default' : 'fan-out';
  const binNames = (i: number): ConvBnNames =>
    cirkd ? inSequence(`head.psp.conv${i + 1}`) : inModule(`decode_head.psp_modules.${i}.1`);

  const pools = BINS.map((bins, i) => {
    const pooled = graph.adaptivePool(x, bins);
    const reduced = graph.convBnRelu(pooled, binNames(i), { to: perBin, kernel: 1, init });
    return graph.resize(reduced, x, alignsCorners(spec));
  });
  const fused = graph.convBnRelu(
    graph.concat(x, ...pools),
    cirkd ? inSequence('head.block') : inModule('decode_head.bottleneck'),
    { to, kernel: 3, init },
  );
  const features = graph.dropout(fused, 0.1, !cirkd);
  const logits = graph.conv(features, cirkd ? 'head.classifier' : 'decode_head.conv_seg', {
    ...{ to: classes, kernel: 1, bias: true },
    init: cirkd ? 'default' : 'classifier',
  });
  return { logits, features, aux: fcnAux(graph, stages, spec) };
}
