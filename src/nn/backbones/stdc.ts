import { type Graph, inModule, inSequence, scaledChannels, type Value } from '../graph';
import type { SegmenterSpec } from '../spec';

/** Modules per stage, of which each begins by halving the size. */
const MODULES = { stdc1: [2, 2, 2], stdc2: [4, 5, 3] } as const;

/** Where the backbone lies in the official segmenter. */
const ROOT = 'cp.backbone.features';

/**
 * STDC1 ("STDCNet813") and STDC2 ("STDCNet1446"): two strided convolutions, then three stages of short-term dense
 * concatenation modules; gives these at 1/8, 1/16 and 1/32. The layers of the classification network after them
 * (`conv_last`, `fc`, `bn`, `linear`), which the official segmenter keeps and never uses, are left out.
 * Source: Fan et al. 2021, Table 2; STDC-Seg, nets/stdcnet.py.
 */
export function stdcNet(graph: Graph, images: Value, spec: SegmenterSpec): Value[] {
  const base = scaledChannels(64, spec.width);
  const stem = { kernel: 3, stride: 2, init: 'fan-out' } as const;
  const half = graph.convBnRelu(images, inModule(`${ROOT}.0`), {
    ...{ ...stem, to: base / 2 },
    extraInputs: images.channels - 3,
  });
  let x = graph.convBnRelu(half, inModule(`${ROOT}.1`), { ...stem, to: base });
  let layer = 2;
  return MODULES[spec.backbone as keyof typeof MODULES].map((modules, stage) => {
    for (let m = 0; m < modules; m++)
      x = concatenation(graph, x, `${ROOT}.${layer++}`, base * 2 ** (stage + 2), m === 0);
    return x;
  });
}

/** Convolutions of a half, a quarter, an eighth and an eighth of the channels, one after the other; all their results. */
function concatenation(graph: Graph, x: Value, name: string, to: number, halve: boolean): Value {
  const unit = (y: Value, index: number, channels: number, kernel: number) =>
    graph.convBnRelu(y, inModule(`${name}.conv_list.${index}`), { to: channels, kernel, init: 'fan-out' });
  const first = unit(x, 0, to / 2, 1);
  let y = first;
  let parts = [first];
  if (halve) {
    y = graph.convBn(first, inSequence(`${name}.avd_layer`), {
      ...{ to: to / 2, kernel: 3, stride: 2, depthwise: true },
      init: 'fan-out',
    });
    parts = [graph.avgPool(first, 3, 2, 1)];
  }
  for (const [i, share] of [4, 8, 8].entries()) {
    y = unit(y, i + 1, to / share, 3);
    parts.push(y);
  }
  return graph.concat(...parts);
}
