import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';

/**
 * Tensors of the wasm backend as plain arrays over its heap, without copies: loops over them fill the gaps of the
 * backend's kernels. A view is void after the next allocation (the heap may grow and move), so allocate every output
 * before taking any view.
 */
export class WasmHeap {
  readonly #tf: Tf;

  constructor(tf: Tf) {
    this.#tf = tf;
  }

  get #backend(): BackendWasm {
    return this.#tf.backend() as unknown as BackendWasm;
  }

  /** A new float32 tensor with undefined contents, in the current scope. */
  alloc<T extends Tensor>(shape: number[]): T {
    const info = this.#backend.makeOutput(shape, 'float32');
    return this.#tf.engine().makeTensorFromTensorInfo(info, this.#tf.backend()) as T;
  }

  f32(tensor: Tensor): Float32Array {
    return this.#backend.typedArrayFromHeap(tensor) as Float32Array;
  }

  i32(tensor: Tensor): Int32Array {
    return this.#backend.typedArrayFromHeap(tensor) as Int32Array;
  }
}
