import type { Tensor4D } from '@tensorflow/tfjs-core';
import { type Construction, conv, convBnRelu, dropout, pooled, scaledChannels, sequence } from '../layers';
import type { Head, HeadOptions } from './head';

const BINS = [1, 2, 3, 6] as const;

/**
 * PSPNet head for ResNet-18: averages over 1, 2, 3 and 6 bins, each reduced to a quarter of the channels and spread over
 * the map, next to the input; 3x3 convolution to 128 channels (dropout 0.1), whose result is `features`, and the
 * classifier. Source: CIRKD, models/pspnet.py.
 */
export function pspNetHead(construction: Construction, options: HeadOptions): Head {
  const { tf } = construction.engine;
  const { from, classes, width } = options;
  const perBin = scaledChannels(128, width);
  const to = scaledChannels(128, width);

  const pools = BINS.map((bins, i) =>
    pooled(
      construction,
      bins,
      convBnRelu(
        construction,
        { conv: `head.psp.conv${i + 1}.0`, bn: `head.psp.conv${i + 1}.1` },
        { from, to: perBin, kernel: 1, init: 'default' },
      ),
    ),
  );
  const refine = sequence(
    convBnRelu(
      construction,
      { conv: 'head.block.0', bn: 'head.block.1' },
      { from: from + BINS.length * perBin, to, kernel: 3, init: 'default' },
    ),
    dropout(construction, 0.1),
  );
  const classify = conv(construction, 'head.classifier', {
    from: to,
    to: classes,
    kernel: 1,
    bias: true,
    init: 'default',
  });

  return (x, o) => {
    const pyramid = tf.concat<Tensor4D>([x, ...pools.map((pool) => pool(x, o))], 3);
    const features = refine(pyramid, o);
    return { logits: classify(features, o), features };
  };
}
