import type { Engine } from '../engine/engine';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  type SafeTensor,
  toFloat32,
} from '../nn/weights/safetensors';
import { DistillError } from '../protocol/errors';
import { storedTensor } from './adapter';
import type { MethodInstance, StoredArray } from './method';
import type { Sgd } from './optimizer';

/** The optimiser of the weights that a method trains along with the network. */
export interface AlongOptimizer {
  /** Id of the method. */
  method: string;
  optimizer: Sgd;
  /** Learning rate over that of the network. */
  lr: number;
}

/** Names of everything methods keep in a checkpoint: `<method>/<array>`, and `<method>/velocity/<weight>`. */
function arraysOf(
  engine: Engine,
  methods: readonly MethodInstance[],
  along: readonly AlongOptimizer[],
): Map<string, StoredArray> {
  const all = new Map<string, StoredArray>();
  for (const method of methods)
    for (const [name, array] of method.arrays?.() ?? []) all.set(`${method.id}/${name}`, array);
  for (const { method, optimizer } of along)
    for (const [name, velocity] of optimizer.velocities)
      all.set(`${method}/velocity/${name}`, storedTensor(engine, velocity));
  return all;
}

/**
 * Weights, optimisers and memories of the methods as a safetensors file; undefined if they have none.
 * Errors: numeric, if a value is not finite.
 */
export function encodeMethodArrays(
  engine: Engine,
  methods: readonly MethodInstance[],
  along: readonly AlongOptimizer[],
): Uint8Array | undefined {
  const arrays = arraysOf(engine, methods, along);
  if (arrays.size === 0) return undefined;
  const tensors = new Map<string, SafeTensor>();
  for (const [name, array] of arrays) {
    const values = array.read();
    if (!values.every(Number.isFinite))
      throw new DistillError('numeric', `"${name}", which a method keeps, is no longer finite.`, {
        remedy:
          'The last checkpoint is from before that. Lower training.lr or the weight of this method and start again.',
      });
    tensors.set(name, float32Tensor(array.shape, values));
  }
  return encodeSafetensors({ tensors, metadata: {} });
}

/** Nothing is changed unless everything is there. Errors: checkpoint-broken, checkpoint-mismatch. */
export function restoreMethodArrays(
  engine: Engine,
  methods: readonly MethodInstance[],
  along: readonly AlongOptimizer[],
  file: () => Uint8Array,
  where: string,
): void {
  const arrays = arraysOf(engine, methods, along);
  if (arrays.size === 0) return;
  const { tensors } = decodeSafetensors(file(), where);
  const found = [...arrays].map(([name, array]) => {
    const tensor = tensors.get(name);
    if (!tensor || `${tensor.shape}` !== `${array.shape}`)
      throw new DistillError(
        'checkpoint-mismatch',
        `"${name}", which a method keeps, is missing or misshapen.`,
        { where, remedy: 'Resume with the configuration the run was started with, or start a new run.' },
      );
    return { array, values: toFloat32(name, tensor, where) };
  });
  for (const { array, values } of found) array.write(values);
}
