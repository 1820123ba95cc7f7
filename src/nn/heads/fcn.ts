import {
  type Construction,
  conv,
  convBnRelu,
  dropout,
  type Layer,
  scaledChannels,
  sequence,
} from '../layers';
import type { HeadOptions } from './head';

/**
 * Auxiliary FCN head on the third stage of ResNet-18: 3x3 convolution to a quarter of the channels, dropout 0.1,
 * classifier. Source: CIRKD, models/deeplabv3.py and models/pspnet.py (the same in both).
 */
export function fcnHead(construction: Construction, options: HeadOptions): Layer {
  const { from, classes, width } = options;
  const to = scaledChannels(64, width);
  return sequence(
    convBnRelu(
      construction,
      { conv: 'auxlayer.block.0', bn: 'auxlayer.block.1' },
      { from, to, kernel: 3, init: 'default' },
    ),
    dropout(construction, 0.1),
    conv(construction, 'auxlayer.block.4', { from: to, to: classes, kernel: 1, bias: true, init: 'default' }),
  );
}
