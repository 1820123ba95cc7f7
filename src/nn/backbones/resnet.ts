import type { Tensor4D } from '@tensorflow/tfjs-core';
import {
  batchNorm,
  type Construction,
  conv,
  convBnRelu,
  type Layer,
  scaledChannels,
  sequence,
} from '../layers';
import type { ForwardOptions } from '../segmenter';

/** What a backbone hands to the heads. */
export interface Backbone {
  /** Channels of `c3` and `c4`. */
  channels: { c3: number; c4: number };
  /** Both at 1/8 of the input: sizes ceil(H/8), ceil(W/8). */
  forward(x: Tensor4D, options: ForwardOptions): { c3: Tensor4D; c4: Tensor4D };
}

const STAGES = [
  { name: 'layer1', planes: 64, stride: 1, dilation: 1 },
  { name: 'layer2', planes: 128, stride: 2, dilation: 1 },
  { name: 'layer3', planes: 256, stride: 1, dilation: 2 },
  { name: 'layer4', planes: 512, stride: 1, dilation: 4 },
] as const;
const BLOCKS_PER_STAGE = 2;

/**
 * ResNet-18 "v1s": a deep stem of three 3x3 convolutions, then basic blocks, dilated instead of strided in the last two
 * stages (output stride 8). Names follow the official modules under `pretrained`.
 * Source: CIRKD, models/base_models/resnet.py.
 */
export function resnet18(
  construction: Construction,
  options: { inputChannels: number; width: number },
): Backbone {
  const { ops } = construction.engine;
  const scaled = (channels: number) => scaledChannels(channels, options.width);
  const stemLayer = (index: number, from: number, to: number, stride: number, extraInputs = 0) =>
    convBnRelu(
      construction,
      { conv: `pretrained.conv${index}`, bn: `pretrained.bn${index}` },
      { from, to, kernel: 3, stride, init: 'fan-out', extraInputs },
    );
  const stem = sequence(
    stemLayer(1, options.inputChannels, scaled(64), 2, options.inputChannels - 3),
    stemLayer(2, scaled(64), scaled(64), 1),
    stemLayer(3, scaled(64), scaled(128), 1),
  );

  let from = scaled(128);
  const [layer1, layer2, layer3, layer4] = STAGES.map(({ name, planes, stride, dilation }) => {
    const blocks: Layer[] = [];
    for (let b = 0; b < BLOCKS_PER_STAGE; b++) {
      blocks.push(
        basicBlock(construction, `pretrained.${name}.${b}`, {
          from,
          to: scaled(planes),
          stride: b === 0 ? stride : 1,
          // The first block of a dilated stage still works at the dilation of the stage before.
          dilations: [b === 0 ? Math.max(1, dilation / 2) : dilation, dilation],
          shortcut: b === 0 && (stride !== 1 || from !== scaled(planes)),
        }),
      );
      from = scaled(planes);
    }
    return sequence(...blocks);
  }) as [Layer, Layer, Layer, Layer];

  return {
    channels: { c3: scaled(256), c4: scaled(512) },
    forward(x, o) {
      const pooled = ops.maxPool(stem(x, o), 3, 2, 1);
      const c3 = layer3(layer2(layer1(pooled, o), o), o);
      return { c3, c4: layer4(c3, o) };
    },
  };
}

function basicBlock(
  construction: Construction,
  name: string,
  options: { from: number; to: number; stride: number; dilations: [number, number]; shortcut: boolean },
): Layer {
  const { tf, ops } = construction.engine;
  const { from, to, stride, dilations, shortcut } = options;
  const first = convBnRelu(
    construction,
    { conv: `${name}.conv1`, bn: `${name}.bn1` },
    { from, to, kernel: 3, stride, dilation: dilations[0], init: 'fan-out' },
  );
  const second = sequence(
    conv(construction, `${name}.conv2`, {
      from: to,
      to,
      kernel: 3,
      dilation: dilations[1],
      init: 'fan-out',
    }),
    batchNorm(construction, `${name}.bn2`, to),
  );
  const project = shortcut
    ? sequence(
        conv(construction, `${name}.downsample.0`, { from, to, kernel: 1, stride, init: 'fan-out' }),
        batchNorm(construction, `${name}.downsample.1`, to),
      )
    : null;
  return (x, o) => {
    const identity = project ? project(x, o) : x;
    return ops.relu(tf.add<Tensor4D>(second(first(x, o), o), identity));
  };
}
