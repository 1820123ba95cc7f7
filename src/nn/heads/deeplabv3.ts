import type { Tensor4D } from '@tensorflow/tfjs-core';
import { type Construction, conv, convBnRelu, dropout, pooled, scaledChannels, sequence } from '../layers';
import type { Head, HeadOptions } from './head';

const RATES = [12, 24, 36] as const;
const CHANNELS = 128;

/**
 * DeepLabV3 head for ResNet-18: atrous spatial pyramid of 128 channels per branch, 1x1 projection (dropout 0.5), 3x3
 * convolution (dropout 0.1), whose result is `features`, and the classifier. Source: CIRKD, models/deeplabv3.py.
 */
export function deepLabV3Head(construction: Construction, options: HeadOptions): Head {
  const { tf } = construction.engine;
  const { from, classes, width } = options;
  const to = scaledChannels(CHANNELS, width);
  const block = (name: string, first: number, o: { from: number; kernel: 1 | 3; dilation?: number }) =>
    convBnRelu(
      construction,
      { conv: `${name}.${first}`, bn: `${name}.${first + 1}` },
      { ...o, to, init: 'default' },
    );

  const branches = [
    block('head.aspp.b0', 0, { from, kernel: 1 }),
    ...RATES.map((dilation, i) => block(`head.aspp.b${i + 1}.block`, 0, { from, kernel: 3, dilation })),
    pooled(construction, 1, block('head.aspp.b4.gap', 1, { from, kernel: 1 })),
  ];
  const project = sequence(
    block('head.aspp.project', 0, { from: branches.length * to, kernel: 1 }),
    dropout(construction, 0.5),
  );
  const refine = sequence(block('head.block', 0, { from: to, kernel: 3 }), dropout(construction, 0.1));
  const classify = conv(construction, 'head.block.4', {
    from: to,
    to: classes,
    kernel: 1,
    bias: true,
    init: 'default',
  });

  return (x, o) => {
    const pyramid = tf.concat<Tensor4D>(
      branches.map((branch) => branch(x, o)),
      3,
    );
    const features = refine(project(pyramid, o), o);
    return { logits: classify(features, o), features };
  };
}
