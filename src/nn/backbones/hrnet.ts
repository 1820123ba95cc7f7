import { type Graph, inSequence, scaledChannels, type Value } from '../graph';
import type { SegmenterSpec } from '../spec';
import { basicBlock, bottleneck, numbered } from './residual';

/** Blocks of the first stage and of each branch after it, modules of stages 2 to 4, channels of the finest branch. */
const HRNETS = {
  'hrnetv2-w18-small': { bottlenecks: 2, blocks: 2, modules: [1, 3, 2], channels: 18 },
  'hrnetv2-w18': { bottlenecks: 4, blocks: 4, modules: [1, 4, 3], channels: 18 },
  'hrnetv2-w48': { bottlenecks: 4, blocks: 4, modules: [1, 4, 3], channels: 48 },
} as const;

/**
 * HRNetV2: branches at 1/4, 1/8, 1/16 and 1/32 side by side, each stage with one more of them and of twice the channels,
 * which exchange what they know after every few blocks; gives the four branches.
 * Source: Wang et al. 2019; mmsegmentation, mmseg/models/backbones/hrnet.py and configs/_base_/models/ocrnet_hr18.py.
 */
export function hrNet(graph: Graph, images: Value, spec: SegmenterSpec): Value[] {
  const { bottlenecks, blocks, modules, channels } = HRNETS[spec.backbone as keyof typeof HRNETS];
  const planes = scaledChannels(64, spec.width);
  const stem = { to: planes, kernel: 3, stride: 2, init: 'fan-out' } as const;
  const half = graph.convBnRelu(images, numbered('backbone', 1), {
    ...stem,
    extraInputs: images.channels - 3,
  });
  let x = graph.convBnRelu(half, numbered('backbone', 2), stem);
  for (let b = 0; b < bottlenecks; b++)
    x = bottleneck(graph, x, `backbone.layer1.${b}`, { planes, to: 4 * planes });

  let branches = [x];
  for (const [i, count] of modules.entries()) {
    const widths = Array.from({ length: i + 2 }, (_, b) => scaledChannels(channels * 2 ** b, spec.width));
    branches = transition(graph, branches, `backbone.transition${i + 1}`, widths);
    for (let m = 0; m < count; m++)
      branches = exchange(graph, branches, `backbone.stage${i + 2}.${m}`, blocks);
  }
  return branches;
}

/** Brings the branches to the widths of the next stage and makes a new one by halving the coarsest. */
function transition(graph: Graph, branches: Value[], name: string, widths: number[]): Value[] {
  return widths.map((to, i) => {
    const x = branches[i];
    if (x?.channels === to) return x;
    const conv = { to, kernel: 3, init: 'fan-out' } as const;
    return x
      ? graph.convBnRelu(x, inSequence(`${name}.${i}`), conv)
      : graph.convBnRelu(branches.at(-1)!, inSequence(`${name}.${i}.0`), { ...conv, stride: 2 });
  });
}

/** Blocks on each branch, then each branch becomes the sum of all of them at its size. */
function exchange(graph: Graph, branches: Value[], name: string, blocks: number): Value[] {
  const worked = branches.map((branch, i) => {
    let x = branch;
    const { channels } = branch;
    for (let b = 0; b < blocks; b++)
      x = basicBlock(graph, x, `${name}.branches.${i}.${b}`, { planes: channels, to: channels });
    return x;
  });
  return worked.map((target, i) =>
    graph.relu(
      graph.add(
        ...worked.map((source, j) => path(graph, source, target, `${name}.fuse_layers.${i}.${j}`, j - i)),
      ),
    ),
  );
}

/** From a branch to one that is 2^-steps of its size: up where `steps` is above 0, down where it is below. */
function path(graph: Graph, source: Value, target: Value, name: string, steps: number): Value {
  if (steps === 0) return source;
  if (steps > 0) {
    const reduced = graph.convBn(source, inSequence(name), {
      to: target.channels,
      kernel: 1,
      init: 'fan-out',
    });
    // In two steps as in the source, which differ from one where the size has been rounded up on the way down.
    return graph.resize(graph.upsample(reduced, 2 ** steps), target, false);
  }
  let x = source;
  const halve = { kernel: 3, stride: 2, init: 'fan-out' } as const;
  for (let k = 0; k < -steps - 1; k++)
    x = graph.convBnRelu(x, inSequence(`${name}.${k}`), { ...halve, to: source.channels });
  return graph.convBn(x, inSequence(`${name}.${-steps - 1}`), { ...halve, to: target.channels });
}
