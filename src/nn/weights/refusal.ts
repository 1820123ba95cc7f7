import { DistillError } from '../../protocol/errors';

/** A file of weights that is damaged, cut off, made to mislead, or of a kind that is not read. */
export function brokenWeights(where: string, what: string, remedy?: string): DistillError {
  return new DistillError('checkpoint-broken', what, {
    where,
    remedy: remedy ?? 'Use another checkpoint, or copy the file again from where it came.',
  });
}
