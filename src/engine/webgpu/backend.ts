/// <reference types="@webgpu/types" />
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { DataId, Tensor } from '@tensorflow/tfjs-core';
import { DistillError } from '../../protocol/errors';
import { waitFor } from './wait';

interface Stored {
  values: Float32Array | Int32Array | Uint8Array | null;
  dtype: string;
  resource?: GPUBuffer | null;
}

/** What the backend keeps to itself in its type declarations, and we work with. */
interface Internals {
  tensorMap: { get(id: DataId): Stored };
  commandEncoder: GPUCommandEncoder | null;
  computePassEncoder: GPUComputePassEncoder | null;
  commandQueueOwnedIds: WeakSet<DataId>;
  dispatchCountInPass: number;
  bufferManager: {
    acquireBuffer(size: number, usage: number): GPUBuffer;
    releaseBuffer(buffer: GPUBuffer): void;
    freeBuffers: Map<string, GPUBuffer[]>;
    numFreeBuffers: number;
    numBytesUsed: number;
    numBytesAllocated: number;
  };
}

/** Recorded calls per submission: few enough that freed memory is soon used again, many enough to be cheap. */
const CALLS_PER_SUBMISSION = 32;
/** Free memory that is kept without asking, and beyond that the largest multiple of what was in use at once. */
const KEPT_BYTES = 512e6;
const KEPT_RATIO = 2.5;

/**
 * TensorFlow.js' WebGPU backend outside a browser: values can be read at once (its own way takes a canvas), labels stay
 * readable without asking the GPU, memory of sizes that are no longer used is given back, and a failed call is an error
 * at the next read instead of a line on the console.
 */
export class DawnBackend extends WebGPUBackend {
  readonly #tick: () => void;
  #failure: DistillError | undefined;
  #mostUsed = 0;
  #usedBefore = 0;
  #submissions = 0;

  /** @param tick lets Dawn handle what has happened; see dawn.ts */
  constructor(device: GPUDevice, info: GPUAdapterInfo, tick: () => void) {
    super(device, info);
    this.#tick = tick;
    device.addEventListener('uncapturederror', (event) => {
      this.#failure ??= deviceError((event as GPUUncapturedErrorEvent).error);
    });
    void device.lost.then(({ reason, message }) => {
      if (reason !== 'destroyed') this.#failure ??= lostError(message);
    });
  }

  get #own(): Internals {
    return this as unknown as Internals;
  }

  /** The most bytes of buffers that existed on the device at once. */
  peakBytes = 0;

  bufferOf(tensor: Tensor): GPUBuffer {
    this.uploadToGPU(tensor.dataId);
    return this.#own.tensorMap.get(tensor.dataId).resource!;
  }

  hostValues(id: DataId): Int32Array | null {
    const { values, dtype } = this.#own.tensorMap.get(id);
    return values && dtype === 'int32' ? (values as Int32Array) : null;
  }

  /** Records a call into the current pass. The tensors' buffers are not reused before it has been submitted. */
  record(used: ReadonlyArray<Tensor | GPUBuffer>, call: (pass: GPUComputePassEncoder) => void): void {
    const own = this.#own;
    for (const tensor of used)
      if (!(tensor instanceof GPUBuffer)) own.commandQueueOwnedIds.add(tensor.dataId);
    this.ensureCommandEncoderReady();
    own.computePassEncoder ??= own.commandEncoder!.beginComputePass();
    call(own.computePassEncoder);
    if (++own.dispatchCountInPass < CALLS_PER_SUBMISSION) return;
    this.endComputePassEncoder();
    this.submitQueue();
  }

  // Class indices are asked for by several losses; once uploaded the backend itself would forget them.
  override uploadToGPU(id: DataId): void {
    const stored = this.#own.tensorMap.get(id);
    const { values, dtype } = stored;
    super.uploadToGPU(id);
    if (values && dtype === 'int32') stored.values = values;
  }

  override submitQueue(): void {
    super.submitQueue();
    const { bufferManager } = this.#own;
    this.peakBytes = Math.max(this.peakBytes, bufferManager.numBytesAllocated);
    this.#mostUsed = Math.max(this.#mostUsed, bufferManager.numBytesUsed);
    // What was in use at once is remembered for one to two rounds of a thousand submissions: longer than any step.
    if (++this.#submissions % 1000 === 0) {
      this.#usedBefore = this.#mostUsed;
      this.#mostUsed = bufferManager.numBytesUsed;
    }
    const kept = KEPT_BYTES + KEPT_RATIO * Math.max(this.#mostUsed, this.#usedBefore);
    if (bufferManager.numBytesAllocated > kept) this.#giveFreeBack();
  }

  /** The backend keeps every freed buffer for one of exactly its size; images of ever new sizes would fill the GPU. */
  #giveFreeBack(): void {
    const { bufferManager } = this.#own;
    for (const buffers of bufferManager.freeBuffers.values())
      for (const buffer of buffers.splice(0)) {
        bufferManager.numBytesAllocated -= buffer.size;
        bufferManager.numFreeBuffers--;
        buffer.destroy();
      }
  }

  /** Waits for the device. */
  override readSync(id: DataId): Float32Array | Int32Array | Uint8Array {
    const stored = this.#own.tensorMap.get(id);
    if (stored.values) return stored.values;
    const source = stored.resource;
    if (!source) throw new Error('The tensor has no values.');
    const { bufferManager } = this.#own;
    const { size } = source;
    const staging = bufferManager.acquireBuffer(size, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
    this.ensureCommandEncoderReady();
    this.endComputePassEncoder();
    this.#own.commandEncoder!.copyBufferToBuffer(source, 0, staging, 0, size);
    this.submitQueue();
    staging.mapAsync(GPUMapMode.READ).catch(() => undefined);
    waitFor(() => staging.mapState !== 'pending', this.#tick);
    this.#throwFailure();
    if (staging.mapState !== 'mapped') throw lostError('the values could not be read');
    const bytes = staging.getMappedRange().slice(0);
    staging.unmap();
    bufferManager.releaseBuffer(staging);
    stored.values = typed(bytes, stored.dtype);
    return stored.values;
  }

  override async read(id: DataId): Promise<Float32Array | Int32Array | Uint8Array> {
    try {
      const values = await super.read(id);
      this.#throwFailure();
      return values as Float32Array | Int32Array | Uint8Array;
    } catch (error) {
      // A lost device rejects with its own words.
      this.#throwFailure();
      throw error;
    }
  }

  #throwFailure(): void {
    if (this.#failure) throw this.#failure;
  }
}

/** Everything is 4 bytes wide on the device. */
function typed(bytes: ArrayBuffer, dtype: string): Float32Array | Int32Array | Uint8Array {
  if (dtype === 'float32') return new Float32Array(bytes);
  const values = new Int32Array(bytes);
  return dtype === 'bool' ? Uint8Array.from(values) : values;
}

function deviceError(error: GPUError): DistillError {
  const [what] = error.message.split('\n');
  if (error.constructor.name === 'GPUOutOfMemoryError')
    return new DistillError('engine-operation', 'The memory of the GPU is full.', {
      remedy: 'Train with a smaller training.batch or training.crop, or close what else uses the GPU.',
      cause: error,
    });
  return new DistillError('engine-operation', `The GPU refused a call: ${what}.`, {
    remedy:
      'Run "distill doctor" and report what it prints; the engines "tensorflow" and "wasm" work meanwhile.',
    cause: error,
  });
}

function lostError(message: string): DistillError {
  return new DistillError('engine-operation', `The GPU was lost: ${message}.`, {
    remedy:
      'Resume the run from its last checkpoint. If it happens again, use a smaller training.batch or update the GPU driver.',
  });
}
