import { describeNetwork, networkProblem, resolveSpec, type SegmenterChoice } from '../../nn/networks';
import type { Config } from '../../protocol/config';
import { networksOf } from '../configured-networks';
import { error, idle, remove, set } from './say';
import type { Finding } from './schema-findings';

/** Choices about the pixels of the task loss that cannot work, or do nothing, together. */
export function taskLoss(config: Config, written: unknown): Finding[] {
  const { ohem, crop } = config.training;
  const asWritten = (written as { training?: { ohem?: object } }).training?.ohem ?? {};
  const at = (field: keyof typeof ohem) => ['training', 'ohem', field];
  const found: Finding[] = [];
  if (ohem.form === 'none')
    for (const field of ['threshold', 'minKept'] as const)
      if (field in asWritten)
        found.push(
          idle(
            at(field),
            `"${field}" has no effect with "form": "none", which takes all labelled pixels. Remove it, or choose another form.`,
          ),
        );
  if ((ohem.form === 'stdc' || ohem.form === 'mmseg') && config.methods.some(({ kind }) => kind === 'rdd'))
    found.push(
      error(
        at('form'),
        `"rdd" decides by itself which pixels of the student count, so "${ohem.form}" cannot. Remove "form"; "tse": { "mode": "ohem" } is RDD's own way to the student's hard pixels.`,
        remove(at('form')),
      ),
    );
  const pixels = crop[0] * crop[1];
  if (ohem.form !== 'none' && ohem.minKept !== undefined && ohem.minKept > pixels)
    found.push(
      error(
        at('minKept'),
        `A crop of ${crop[0]} x ${crop[1]} has ${pixels} pixels, so ${ohem.minKept} of them cannot be kept. Use less, or "form": "none" for all of them.`,
        remove(at('minKept')),
        set(at('form'), 'none'),
      ),
    );
  if (
    config.training.detailWeight !== undefined &&
    !networksOf(config).some(({ choice }) => hasDetailHead(choice))
  )
    found.push(
      idle(
        ['training', 'detailWeight'],
        '"detailWeight" has no effect: no network of this run has a detail head, as "stdc" has. Remove it.',
      ),
    );
  return found;
}

/** A network that cannot be built has a problem of its own. */
function hasDetailHead(choice: SegmenterChoice): boolean {
  if (networkProblem(choice)) return true;
  const { outputs } = describeNetwork(resolveSpec(choice));
  return outputs.aux.some(({ kind }) => kind === 'detail');
}
