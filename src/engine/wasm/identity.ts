import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';

/**
 * Makes a clone look at the same memory, as every other backend does: the wasm backend copies, and the tape clones
 * whatever it keeps for the gradients. Nothing here writes into a tensor in place, so sharing is safe.
 */
export function shareClones(tf: Tf): void {
  if (tf.getKernel('Identity', 'wasm')) tf.unregisterKernel('Identity', 'wasm');
  tf.registerKernel({
    kernelName: 'Identity',
    backendName: 'wasm',
    kernelFunc: ({ inputs, backend }) => {
      const { dataId, shape, dtype } = inputs.x as Tensor;
      (backend as BackendWasm).incRef(dataId);
      return { dataId, shape, dtype };
    },
  });
}
