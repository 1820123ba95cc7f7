import { type Graph, inSequence, type Value } from '../graph';

export interface ResidualOptions {
  /** Channels of the inner convolutions. */
  planes: number;
  to: number;
  stride?: number;
  /** Of the first 3x3 convolution, and of the second, which only basic blocks have. */
  dilations?: readonly [number, number];
  /** The block begins as the identity. */
  zero?: boolean;
}

/** Two 3x3 convolutions. Source: torchvision, models/resnet.py; the names are the same everywhere. */
export function basicBlock(graph: Graph, x: Value, name: string, options: ResidualOptions): Value {
  const { planes, stride = 1, dilations = [1, 1] } = options;
  const conv = { to: planes, kernel: 3, init: 'fan-out' } as const;
  const y = graph.convBnRelu(x, numbered(name, 1), { ...conv, stride, dilation: dilations[0] });
  const second = graph.conv(y, `${name}.conv2`, { ...conv, dilation: dilations[1] });
  return residual(graph, x, second, name, 2, options);
}

/** 1x1, 3x3 and 1x1 convolution, the stride in the middle. */
export function bottleneck(graph: Graph, x: Value, name: string, options: ResidualOptions): Value {
  const { planes, to, stride = 1, dilations = [1, 1] } = options;
  const reduced = graph.convBnRelu(x, numbered(name, 1), { to: planes, kernel: 1, init: 'fan-out' });
  const y = graph.convBnRelu(reduced, numbered(name, 2), {
    ...{ to: planes, kernel: 3, stride, dilation: dilations[0] },
    init: 'fan-out',
  });
  const expanded = graph.conv(y, `${name}.conv3`, { to, kernel: 1, init: 'fan-out' });
  return residual(graph, x, expanded, name, 3, options);
}

/** The last batch norm of a block, the way past it, and their sum. */
function residual(
  graph: Graph,
  x: Value,
  convolved: Value,
  name: string,
  last: number,
  { to, stride = 1, zero = false }: ResidualOptions,
): Value {
  const y = graph.batchNorm(convolved, `${name}.bn${last}`, zero);
  const shortcut =
    stride !== 1 || x.channels !== to
      ? graph.convBn(x, inSequence(`${name}.downsample`), { to, kernel: 1, stride, init: 'fan-out' })
      : x;
  return graph.relu(graph.add(y, shortcut));
}

/** Names of the n-th convolution and batch norm of a module. */
export function numbered(name: string, n: number) {
  return { conv: `${name}.conv${n}`, bn: `${name}.bn${n}` };
}
