import type { Figures } from './protocol';
import { relativeDifference } from './statistics';

/** Of the first step: the same weights and the same batch have given the same losses. */
const FIRST = 1e-3;
/** Of those after it, which have seen each other's gradients and updates: rounding has grown meanwhile. */
const LATER = 1e-2;

/**
 * How well the two sides agree, as the largest relative difference of the first step's numbers.
 * Errors: they do not do the same work.
 */
export function requireSameWork(ours: readonly Figures[], pytorch: readonly Figures[]): number {
  if (ours.length !== pytorch.length)
    throw new Error(`One side took ${ours.length} steps, the other ${pytorch.length}.`);
  let worst = 0;
  for (const [i, figures] of ours.entries()) {
    const others = pytorch[i]!;
    const names = Object.keys(figures).sort();
    if (names.join() !== Object.keys(others).sort().join())
      throw new Error(`The sides sum different terms: ${names} and ${Object.keys(others).sort()}.`);
    for (const name of names) {
      const difference = relativeDifference(figures[name]!, others[name]!);
      // Also where one of them is not a number.
      if (!(difference <= (i === 0 ? FIRST : LATER)))
        throw new Error(
          `The sides do not do the same work: in step ${i + 1} ours has ${name} ${figures[name]}, PyTorch ${others[name]}.`,
        );
      if (i === 0) worst = Math.max(worst, difference);
    }
  }
  return worst;
}
