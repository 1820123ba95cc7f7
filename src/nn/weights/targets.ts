import type { Network } from '../network';
import { weightShapes } from '../operations';
import type { MemoryLayout } from './layout';

/** A weight of a network that a file may fill. */
export interface WeightTarget extends MemoryLayout {
  readonly name: string;
  /** A filter that sees the images themselves; with extra channels for methods that add some. */
  readonly seesImages: boolean;
}

/** Every weight of a network in PyTorch's order. */
export function weightTargets({ values }: Pick<Network, 'values'>): WeightTarget[] {
  return values.flatMap(({ operation, inputs, channels }) =>
    weightShapes(operation, inputs[0]?.channels ?? 0, channels).map(({ name, shape, depthwise }) => ({
      name,
      shape,
      depthwise,
      seesImages: shape.length === 4 && inputs[0]?.operation.kind === 'input',
    })),
  );
}
