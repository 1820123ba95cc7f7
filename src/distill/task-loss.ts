import type { Scalar, Tensor3D } from '@tensorflow/tfjs-core';
import { describeNetwork, models } from '../nn/networks';
import type { Config } from '../protocol/config';
import type { Role } from '../protocol/events';
import { detailLosses, detailTarget } from './losses/detail';
import { type OhemOptions, ohem } from './losses/ohem';
import { reduceMap } from './losses/reduce-map';
import type { LossTerm, StepContext, ViewOutputs } from './method';
import { segmenterShape, segmenterSpec } from './stages';

/** What STDC-Seg keeps of the pixels of a batch at least, and mmsegmentation's configurations of STDC of each image. */
const STDC_SHARE = 1 / 16;
const MMSEG_MIN_KEPT = 10_000;

/** How the hard pixels of a network of the run are mined; undefined: not at all. */
export function ohemOptions(config: Config, role: Role): OhemOptions | undefined {
  const { batch, crop, ohem: asked } = config.training;
  const published = models[segmenterShape(config, role).model].ohem ?? 'none';
  const form = asked.form === 'published' ? published : asked.form;
  if (form === 'none') return undefined;
  const perImage = asked.minKept ?? (form === 'stdc' ? STDC_SHARE * crop[0] * crop[1] : MMSEG_MIN_KEPT);
  return { form, threshold: asked.threshold, minKept: Math.max(1, Math.floor(batch * perImage)) };
}

/**
 * A task loss per pixel, [N,H,W], as one number: over the hard pixels where these are mined for the network in training,
 * else the mean over labelled pixels.
 */
export function reduceTaskMap({ engine, config, stage, labels }: StepContext, map: Tensor3D): Scalar {
  const options = ohemOptions(config, stage);
  return options ? ohem(engine, map, labels, options) : reduceMap(engine, map, labels, 'valid');
}

/** Losses of the detail heads of every view, by `training.detailWeight` or as published for the network. */
export function detailTerms({ engine, config, batch }: StepContext, outputs: ViewOutputs[]): LossTerm[] {
  const heads = outputs.flatMap(({ output }) => output.aux.filter(({ kind }) => kind === 'detail'));
  if (heads.length === 0) return [];
  const shape: [number, number, number] = [batch.n, batch.height, batch.width];
  const target = engine.tf.tensor3d(detailTarget(batch.labels, shape), shape, 'int32');
  return heads.flatMap(({ name, weight: published, logits }) => {
    const weight = config.training.detailWeight ?? published;
    const { bce, dice } = detailLosses(engine, logits, target);
    return [
      { id: `task.${name}.bce`, kind: 'scalar', weight, value: bce },
      { id: `task.${name}.dice`, kind: 'scalar', weight, value: dice },
    ];
  });
}

/** Where the task loss knowingly differs from that of the published training of the networks. */
export function taskLossDeviations(config: Config, trained: readonly Role[]): string[] {
  const { ohem: asked, auxWeight, detailWeight } = config.training;
  return trained.flatMap((role) => {
    const spec = segmenterSpec(config, role, 1, 0);
    const { model } = spec;
    const texts: string[] = [];
    const published = models[model].ohem ?? 'none';
    if (asked.form !== 'published' && asked.form !== published)
      texts.push(
        `The ${role} is trained ${inWords[asked.form]}; ${model} was published ${inWords[published]}.`,
      );
    for (const { name, kind, weight } of describeNetwork(spec).outputs.aux) {
      const own = (kind === 'classes' ? auxWeight : detailWeight) ?? weight;
      if (own !== weight)
        texts.push(`The head ${name} of the ${role} weighs ${own}; ${model} was published with ${weight}.`);
    }
    return texts;
  });
}

const inWords = {
  none: 'with the mean loss of all labelled pixels',
  stdc: 'on the hard pixels as STDC-Seg mines them',
  mmseg: 'on the hard pixels as mmsegmentation mines them',
} as const;
