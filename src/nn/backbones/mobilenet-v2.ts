import { type Graph, inModule, inSequence, scaledChannels, type Value } from '../graph';
import type { SegmenterSpec } from '../spec';

/** Expansion, output channels and number of blocks of the seven stages, and the stride each begins with. */
const STAGES = [
  { expansion: 1, channels: 16, blocks: 1, stride: 1 },
  { expansion: 6, channels: 24, blocks: 2, stride: 2 },
  { expansion: 6, channels: 32, blocks: 3, stride: 2 },
  { expansion: 6, channels: 64, blocks: 4, stride: 2 },
  { expansion: 6, channels: 96, blocks: 3, stride: 1 },
  { expansion: 6, channels: 160, blocks: 3, stride: 2 },
  { expansion: 6, channels: 320, blocks: 1, stride: 1 },
] as const;

/**
 * MobileNetV2 without its last 1x1 convolution, dilated to the output stride; gives what mmsegmentation gives: the stages
 * of 24, 32, 96 and 320 channels.
 * Sources: CIRKD, models/base_models/mobilenetv2.py; mmsegmentation, mmseg/models/backbones/mobilenet_v2.py.
 */
export function mobileNetV2(graph: Graph, images: Value, spec: SegmenterSpec): Value[] {
  const { outputStride, style, width } = spec;
  const cirkd = style === 'cirkd';
  const stem = cirkd ? inSequence('pretrained.net.features.0') : inModule('backbone.conv1');
  let x = graph.convBn(images, stem, {
    to: scaledChannels(32, width),
    kernel: 3,
    stride: 2,
    init: 'fan-out',
    extraInputs: images.channels - 3,
  });
  x = graph.relu6(x);

  // How far the images have been shrunk, and how far they would have been without dilation.
  let reached = 2;
  let undilated = 2;
  let feature = 1;
  const stages = STAGES.map(({ expansion, channels, blocks, stride }, stage) => {
    const before = undilated / reached;
    undilated *= stride;
    const kept = undilated > outputStride ? 1 : stride;
    reached *= kept;
    const dilation = undilated / reached;
    for (let b = 0; b < blocks; b++) {
      x = invertedResidual(graph, x, {
        name: cirkd ? `pretrained.net.features.${feature++}` : `backbone.layer${stage + 1}.${b}`,
        style,
        hidden: x.channels * expansion,
        to: scaledChannels(channels, width),
        stride: b === 0 ? kept : 1,
        // CIRKD: only the convolution that used to halve the size still works at the dilation before.
        // mmsegmentation: the first block of a stage is dilated, those after it are not.
        dilation: cirkd ? (b === 0 && stride > 1 ? before : dilation) : b === 0 ? dilation : 1,
      });
    }
    return x;
  });
  return [stages[1]!, stages[2]!, stages[4]!, stages[6]!];
}

interface BlockOptions {
  name: string;
  style: SegmenterSpec['style'];
  hidden: number;
  to: number;
  stride: number;
  dilation: number;
}

function invertedResidual(graph: Graph, x: Value, options: BlockOptions): Value {
  const { name, style, hidden, to, stride, dilation } = options;
  let step = 0;
  // CIRKD: convolution, batch norm and activation are three neighbours in one sequence.
  const names = () => {
    const at = step++;
    return style === 'cirkd' ? inSequence(`${name}.conv`, 3 * at) : inModule(`${name}.conv.${at}`);
  };
  let y = x;
  if (hidden !== x.channels)
    y = graph.relu6(graph.convBn(y, names(), { to: hidden, kernel: 1, init: 'fan-out' }));
  y = graph.relu6(
    graph.convBn(y, names(), { to: hidden, kernel: 3, stride, dilation, depthwise: true, init: 'fan-out' }),
  );
  y = graph.convBn(y, names(), { to, kernel: 1, init: 'fan-out' });
  return stride === 1 && x.channels === to ? graph.add(x, y) : y;
}
