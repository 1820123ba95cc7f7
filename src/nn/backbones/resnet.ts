import type { BackboneName } from '../../protocol/networks';
import { type Graph, inSequence, scaledChannels, type Value } from '../graph';
import type { SegmenterSpec } from '../spec';
import { basicBlock, bottleneck, numbered } from './residual';

const RESNETS = {
  resnet18: { block: basicBlock, expansion: 1, blocks: [2, 2, 2, 2] },
  resnet50: { block: bottleneck, expansion: 4, blocks: [3, 4, 6, 3] },
  resnet101: { block: bottleneck, expansion: 4, blocks: [3, 4, 23, 3] },
} as const;

const PLANES = [64, 128, 256, 512] as const;

/** Of the four stages: a stage that keeps the size where it used to halve it is dilated instead. */
const GEOMETRY = {
  8: { strides: [1, 2, 1, 1], dilations: [1, 1, 2, 4] },
  16: { strides: [1, 2, 2, 1], dilations: [1, 1, 1, 2] },
  32: { strides: [1, 2, 2, 2], dilations: [1, 1, 1, 1] },
} as const;

export function isResNet(backbone: BackboneName): backbone is keyof typeof RESNETS {
  return backbone in RESNETS;
}

/**
 * ResNet, dilated to the output stride; gives its four stages. Names follow the official modules: under `pretrained` in the
 * style of CIRKD, under `backbone` in that of mmsegmentation.
 * Sources: CIRKD, models/base_models/resnetv1b.py; mmsegmentation, mmseg/models/backbones/resnet.py (contract_dilation).
 */
export function resNet(graph: Graph, images: Value, spec: SegmenterSpec): Value[] {
  const { backbone, outputStride, style, width } = spec;
  const { block, expansion, blocks } = RESNETS[backbone as keyof typeof RESNETS];
  const { strides, dilations } = GEOMETRY[outputStride as keyof typeof GEOMETRY];
  const root = style === 'cirkd' ? 'pretrained' : 'backbone';
  let x = graph.maxPool(stem(graph, images, spec, root), 3, 2, 1);
  return PLANES.map((published, stage) => {
    const planes = scaledChannels(published, width);
    const dilation = dilations[stage]!;
    for (let b = 0; b < blocks[stage]!; b++) {
      const stride = b === 0 ? strides[stage]! : 1;
      x = block(graph, x, `${root}.layer${stage + 1}.${b}`, {
        planes,
        to: planes * expansion,
        stride,
        dilations: [
          // The first block of a dilated stage still works at the dilation of the stage before.
          b === 0 ? Math.max(1, dilation / 2) : dilation,
          // mmsegmentation dilates the first convolution of a basic block only.
          style === 'cirkd' ? dilation : 1,
        ],
        zero: style === 'mmseg',
      });
    }
    return x;
  });
}

/** v1s of CIRKD and v1c of mmsegmentation: three 3x3 convolutions; 7x7: the one of the original network. */
function stem(graph: Graph, images: Value, { stem, style, width }: SegmenterSpec, root: string): Value {
  const first = { init: 'fan-out', extraInputs: images.channels - 3 } as const;
  if (stem === '7x7')
    return graph.convBnRelu(images, numbered(root, 1), {
      ...first,
      to: scaledChannels(64, width),
      kernel: 7,
      stride: 2,
    });
  const channels = stem === 'v1s' ? [64, 64, 128] : [32, 32, 64];
  return channels.reduce(
    (x, to, i) =>
      graph.convBnRelu(x, style === 'cirkd' ? numbered(root, i + 1) : inSequence(`${root}.stem`, 3 * i), {
        to: scaledChannels(to, width),
        kernel: 3,
        ...(i === 0 ? { ...first, stride: 2 } : { init: 'fan-out' }),
      }),
    images,
  );
}
