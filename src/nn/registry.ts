import type { Engine } from '../engine/engine';
import type { RandomStream } from '../engine/random';
import { type Backbone, resnet18 } from './backbones/resnet';
import { deepLabV3Head } from './heads/deeplabv3';
import { fcnHead } from './heads/fcn';
import type { Head, HeadOptions } from './heads/head';
import { pspNetHead } from './heads/pspnet';
import type { Construction } from './layers';
import type { Segmenter, SegmenterSpec, Weight } from './segmenter';

const backbones: Record<SegmenterSpec['backbone'], (c: Construction, spec: SegmenterSpec) => Backbone> = {
  resnet18,
};
const heads: Record<SegmenterSpec['model'], (c: Construction, options: HeadOptions) => Head> = {
  deeplabv3: deepLabV3Head,
  pspnet: pspNetHead,
};

/**
 * Builds a segmenter with fresh weights drawn from `random`: the same spec and stream state give the same network.
 * The caller disposes of it.
 */
export function buildSegmenter(engine: Engine, spec: SegmenterSpec, random: RandomStream): Segmenter {
  const { tf } = engine;
  const weights = new Map<string, Weight>();
  const construction = { engine, random, weights };
  const backbone = backbones[spec.backbone](construction, spec);
  const { classes, width } = spec;
  const head = heads[spec.model](construction, { from: backbone.channels.c4, classes, width });
  const auxHead = fcnHead(construction, { from: backbone.channels.c3, classes, width });

  return {
    spec,
    weights,
    forward: (x, options) =>
      tf.tidy(() => {
        const { c3, c4 } = backbone.forward(x, options);
        return { ...head(c4, options), auxLogits: auxHead(c3, options) };
      }),
    parameterCount() {
      let count = 0;
      for (const { variable, trainable } of weights.values()) if (trainable) count += variable.size;
      return count;
    },
    dispose() {
      for (const { variable } of weights.values()) variable.dispose();
    },
  };
}
