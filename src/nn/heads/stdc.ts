import { type ConvBnNames, type Graph, inModule, scaledChannels, type Value } from '../graph';
import type { AuxOutput, Outputs } from '../network';
import type { SegmenterSpec } from '../spec';

/** Every convolution of the head begins so. */
const INIT = 'fan-in';

/**
 * STDC-Seg: the context of the two coarse stages, refined by attention and brought to 1/8, is fused with the stage at 1/8.
 * In training two heads more look at the context at 1/8 and at 1/16 (in the source `conv_out16` and `conv_out32`, after the
 * stages they come from), and the detail head at the stage at 1/8 says where boundaries are. The source computes three
 * more detail heads, at 1/2, 1/4 and 1/16, whose results its training never sees; they are left out.
 * Source: Fan et al. 2021, Figure 5; STDC-Seg, models/model_stages.py.
 */
export function stdcSeg(graph: Graph, stages: readonly Value[], spec: SegmenterSpec): Outputs<Value> {
  const [x8, x16, x32] = stages as [Value, Value, Value];
  const scaled = (channels: number) => scaledChannels(channels, spec.width);
  const { y8, y16 } = contextPath(graph, x8, x16, x32, scaled(128));
  const fused = fusion(graph, graph.concat(x8, y8), scaled(256));
  const main = output(graph, fused, 'conv_out', scaled(256), spec.classes);
  if (!spec.auxHead) return { ...main, aux: [] };

  const aux = (name: string, kind: AuxOutput<Value>['kind'], x: Value, module: string): AuxOutput<Value> => {
    const { logits } = output(graph, x, module, scaled(64), kind === 'detail' ? 1 : spec.classes);
    return { name, kind, weight: 1, logits };
  };
  return {
    ...main,
    aux: [
      aux('aux8', 'classes', y8, 'conv_out16'),
      aux('aux16', 'classes', y16, 'conv_out32'),
      aux('detail8', 'detail', x8, 'conv_out_sp8'),
    ],
  };
}

/** The context at 1/8 and at 1/16. */
function contextPath(graph: Graph, x8: Value, x16: Value, x32: Value, to: number) {
  const unit = (x: Value, name: string, kernel: number) =>
    block(graph, x, inModule(`cp.${name}`), to, kernel);
  const mean = unit(graph.adaptivePool(x32, 1), 'conv_avg', 1);
  const y32 = graph.add(attention(graph, x32, 'cp.arm32', to), mean);
  const y16 = unit(graph.resizeNearest(y32, x16), 'conv_head32', 3);
  const sum = graph.add(attention(graph, x16, 'cp.arm16', to), y16);
  return { y16, y8: unit(graph.resizeNearest(sum, x8), 'conv_head16', 3) };
}

/** Attention refinement: channels gated by their means. */
function attention(graph: Graph, x: Value, name: string, to: number): Value {
  const y = block(graph, x, inModule(`${name}.conv`), to, 3);
  const gate = graph.convBn(
    graph.adaptivePool(y, 1),
    { conv: `${name}.conv_atten`, bn: `${name}.bn_atten` },
    { to, kernel: 1, init: INIT },
  );
  return graph.multiply(y, graph.sigmoid(gate));
}

/** Feature fusion: gated channels on top of themselves. */
function fusion(graph: Graph, x: Value, to: number): Value {
  const y = block(graph, x, inModule('ffm.convblk'), to, 1);
  const conv = { kernel: 1, init: INIT } as const;
  const squeezed = graph.conv(graph.adaptivePool(y, 1), 'ffm.conv1', { ...conv, to: to / 4 });
  const gate = graph.conv(graph.relu(squeezed), 'ffm.conv2', { ...conv, to });
  return graph.add(graph.multiply(y, graph.sigmoid(gate)), y);
}

function output(graph: Graph, x: Value, name: string, mid: number, classes: number) {
  const features = block(graph, x, inModule(`${name}.conv`), mid, 3);
  const logits = graph.conv(features, `${name}.conv_out`, { to: classes, kernel: 1, init: INIT });
  return { logits, features };
}

function block(graph: Graph, x: Value, names: ConvBnNames, to: number, kernel: number): Value {
  return graph.convBnRelu(x, names, { to, kernel, init: INIT });
}
