import { lastDiscriminatorSize } from '../../nn/discriminator-size';
import { describeNetwork, resolveSpec, type SegmenterChoice } from '../../nn/networks';
import type { Config } from '../../protocol/config';

const FLOAT = 4;
/** Similarities that are computed at once, and what is made of them: of student and teacher, softmax, difference, gradient. */
const SIMILARITIES = 2 ** 22;
const TABLES = 6;
/** Outputs of the first block of the discriminator; each of the four has twice as many as the one before. */
const DISCRIMINATOR_CHANNELS = 64;

/**
 * Bytes that methods add to a step of the student stage on the engine's heap, at its peak: adapters and their maps, tables of
 * similarities, discriminators. Memories are elsewhere. Rough: what is small beside the networks is left out.
 * @param network the student
 */
export function methodBytes(
  { methods }: Pick<Config, 'methods'>,
  network: SegmenterChoice,
  teacher: SegmenterChoice,
  { batch, height, width }: { batch: number; height: number; width: number },
): number {
  const { outputStride } = resolveSpec(network);
  const [h, w] = [Math.ceil(height / outputStride), Math.ceil(width / outputStride)];
  const positions = batch * h * w;
  const channels = (choice: SegmenterChoice) =>
    describeNetwork(resolveSpec(choice)).outputs.features.channels;
  const own = () => FLOAT * positions * channels(network);
  const theirs = () => FLOAT * positions * channels(teacher);
  let bytes = 0;
  for (const method of methods)
    switch (method.kind) {
      case 'cwd':
        if (method.on !== 'logits') bytes += 4 * theirs();
        break;
      case 'fitnet':
        bytes += 3 * theirs();
        break;
      case 'ifvd':
        bytes += 3 * (own() + theirs());
        break;
      case 'cirkd': {
        const rows = Math.min(positions * positions, SIMILARITIES);
        bytes += 2 * own() + 4 * theirs() + TABLES * FLOAT * rows;
        break;
      }
      case 'skd': {
        const pooled = Math.ceil(h / 2) * Math.ceil(w / 2);
        bytes += own() / 2 + theirs() / 2 + 4 * FLOAT * batch * pooled * pooled;
        if (method.adversarial.weight > 0) bytes += discriminatorBytes(network.classes, batch, h, w);
        break;
      }
      case 'adversarial':
        if (method.weight > 0) bytes += discriminatorBytes(network.classes, batch, h, w);
        break;
    }
  return bytes;
}

/** Its weights with two moments and a gradient each, and the maps of two passes that a backward pass needs. */
function discriminatorBytes(classes: number, batch: number, h: number, w: number): number {
  let weights = 0;
  let maps = batch * h * w * classes;
  let from = classes;
  let [height, width] = [h, w];
  for (let block = 0; block < 4; block++) {
    const to = DISCRIMINATOR_CHANNELS * 2 ** block;
    weights += 16 * from * to;
    [height, width] = [Math.floor(height / 2), Math.floor(width / 2)];
    maps += 3 * batch * height * width * to;
    from = to;
  }
  const last = lastDiscriminatorSize(h) * lastDiscriminatorSize(w);
  return FLOAT * (4 * weights + 2 * (maps + 2 * batch * last * last));
}
