/** Blocks of the discriminator that halve the map. */
export const DISCRIMINATOR_BLOCKS = 4;

/** Size of a map of logits when it reaches the last convolution of the discriminator: four 4x4 convolutions of stride 2, padding 1. */
export function lastDiscriminatorSize(size: number): number {
  let last = size;
  for (let block = 0; block < DISCRIMINATOR_BLOCKS; block++) last = Math.floor(last / 2);
  return last;
}
