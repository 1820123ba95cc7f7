import { DistillError } from '../../protocol/errors';
import type { ConvGeometry } from './ops';

/** A call that cannot be computed: a mistake in a network's definition or an input too small for it. */
export function refuse(operation: string, what: string, remedy: string): never {
  throw new DistillError('engine-operation', `${operation}: ${what}.`, { remedy });
}

export function checkPositiveInteger(operation: string, name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1)
    refuse(operation, `${name} is ${value}`, `Give a whole number of at least 1.`);
}

/** Output length along one axis; refuses kernels that do not fit into the padded input. */
export function convOutputSize(operation: string, input: number, kernel: number, g: ConvGeometry): number {
  const span = (kernel - 1) * g.dilation + 1;
  const size = Math.floor((input + 2 * g.padding - span) / g.stride) + 1;
  if (size < 1)
    refuse(
      operation,
      `a kernel spanning ${span} does not fit into ${input} values with padding ${g.padding}`,
      'Use larger images or crops, or a smaller dilation.',
    );
  return size;
}

export function checkGeometry(operation: string, g: ConvGeometry): void {
  checkPositiveInteger(operation, 'stride', g.stride);
  checkPositiveInteger(operation, 'dilation', g.dilation);
  if (!Number.isInteger(g.padding) || g.padding < 0)
    refuse(operation, `padding is ${g.padding}`, 'Give a whole number of at least 0.');
}
