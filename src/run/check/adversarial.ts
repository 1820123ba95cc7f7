import { lastDiscriminatorSize } from '../../nn/discriminator-size';
import { networkProblem, resolveSpec } from '../../nn/networks';
import type { Config } from '../../protocol/config';
import type { ConfigEdit } from '../document/edit';
import { error, set } from './say';
import type { Finding } from './schema-findings';

/** A discriminator halves the logits until its last convolution, which needs some to be left. */
export function adversarial(config: Config): Finding[] {
  const { student, methods, training } = config;
  if (networkProblem(student)) return [];
  const { outputStride } = resolveSpec({ ...student, classes: 2, inputChannels: 3 });
  const [height, width] = training.crop.map((size) => Math.floor(size / outputStride)) as [number, number];
  const left = Math.min(lastDiscriminatorSize(height), lastDiscriminatorSize(width));
  return methods.flatMap((method, i): Finding[] => {
    const options =
      method.kind === 'adversarial' ? method : method.kind === 'skd' ? method.adversarial : undefined;
    if (!options || options.weight === 0 || left >= options.lastKernel) return [];
    const at = ['methods', i, ...(method.kind === 'skd' ? ['adversarial'] : [])];
    const crop = training.crop.map((size) => Math.max(size, smallest(options.lastKernel) * outputStride));
    const fixes: ConfigEdit[] = [
      ...(left > 0 ? [set([...at, 'lastKernel'], left)] : []),
      set(['training', 'crop'], crop),
      set([...at, 'weight'], 0),
    ];
    return [
      error(
        at,
        `A crop of ${training.crop.join(' x ')} gives logits of ${height} x ${width}, too small for the discriminator, whose last convolution needs ${options.lastKernel} of the ${left} pixels that are left. ` +
          `Use ${left > 0 ? `"lastKernel": ${left}, ` : ''}a crop of ${crop.join(' x ')}, or "weight": 0 for no discriminator.`,
        ...fixes,
      ),
    ];
  });
}

/** The least size of logits that leaves so many. */
function smallest(left: number): number {
  let size = left;
  while (lastDiscriminatorSize(size) < left) size++;
  return size;
}
