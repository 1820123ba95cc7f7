import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine';

/**
 * Tensors of the wasm backend as places in its heap, without copies: plain loops and our own kernels work on them. A view
 * is void after the next allocation (the heap may grow and move), so allocate every output before taking any view;
 * pointers stay valid as long as their tensor lives.
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

  /** Byte offset of the tensor's values. */
  pointer(tensor: Tensor): number {
    return this.#backend.getMemoryOffset(tensor.dataId);
  }

  f32(tensor: Tensor): Float32Array {
    return this.#backend.typedArrayFromHeap(tensor) as Float32Array;
  }

  i32(tensor: Tensor): Int32Array {
    return this.#backend.typedArrayFromHeap(tensor) as Int32Array;
  }

  /** The bytes of a float32 tensor read as doubles, two floats for one. */
  f64(tensor: Tensor): Float64Array {
    const { buffer, byteOffset, length } = this.f32(tensor);
    return new Float64Array(buffer, byteOffset, length / 2);
  }
}
