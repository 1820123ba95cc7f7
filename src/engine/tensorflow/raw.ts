import type { Tensor } from '@tensorflow/tfjs-core';
import type { Attribute, TensorFlowBinding, TensorInfo } from './binding';

/** What tfjs-node's backend knows of a tensor, as far as it is used here. */
interface NodeBackend {
  isUsingGpuDevice: boolean;
  getInputTensorIds(tensors: Tensor[]): number[];
  createOutputTensor(info: TensorInfo): Tensor;
  refCount(dataId: object): number;
}

/**
 * Runs TensorFlow operations by name. tfjs-node's own wrappers leave out much of what the operations can do (dilated
 * gradients, fused batch norm with its gradient, sparse cross entropy).
 */
export class RawOperations {
  readonly binding: TensorFlowBinding;
  readonly #backend: NodeBackend;
  /** By name and attributes: the addon reads each combination once. */
  readonly #prepared = new Map<string, number>();

  constructor(backend: unknown, binding: TensorFlowBinding) {
    this.#backend = backend as NodeBackend;
    this.binding = binding;
  }

  get usesGpu(): boolean {
    return this.#backend.isUsingGpuDevice;
  }

  /** One output. `attributes` besides `T`, which is float32: see `attribute` below for how values map to kinds. */
  run<T extends Tensor>(name: string, inputs: Tensor[], attributes: Record<string, AttributeValue> = {}): T {
    return this.runMany(name, inputs, 1, attributes)[0] as T;
  }

  runMany(
    name: string,
    inputs: Tensor[],
    count: number,
    attributes: Record<string, AttributeValue>,
  ): Tensor[] {
    const key = `${name} ${JSON.stringify(attributes)}`;
    let operation = this.#prepared.get(key);
    if (operation === undefined) {
      operation = this.binding.prepare(name, this.#attributes(attributes));
      this.#prepared.set(key, operation);
    }
    return this.binding
      .executePrepared(operation, this.ids(inputs), count)
      .map((info) => this.#backend.createOutputTensor(info));
  }

  /** Numbers of tensors in the addon, for kernels of our own. */
  ids(tensors: Tensor[]): number[] {
    return this.#backend.getInputTensorIds(tensors);
  }

  /** Whether another tensor of TensorFlow.js has the same values in the same memory. */
  sharesMemory(tensor: Tensor): boolean {
    return this.#backend.refCount(tensor.dataId) > 1;
  }

  /** The tensor of a number that a kernel of our own gave. */
  made<T extends Tensor>(id: number, shape: number[]): T {
    return this.#backend.createOutputTensor({ id, shape, dtype: this.binding.TF_FLOAT }) as T;
  }

  #attributes(values: Record<string, AttributeValue>): Attribute[] {
    return [
      { name: 'T', type: this.binding.TF_ATTR_TYPE, value: this.binding.TF_FLOAT },
      ...Object.entries(values).map(([name, value]) => this.#attribute(name, value)),
    ];
  }

  #attribute(name: string, value: AttributeValue): Attribute {
    const b = this.binding;
    if (typeof value === 'string') return { name, type: b.TF_ATTR_STRING, value };
    if (typeof value === 'boolean') return { name, type: b.TF_ATTR_BOOL, value };
    if (Array.isArray(value))
      return { name, type: typeof value[0] === 'string' ? b.TF_ATTR_STRING : b.TF_ATTR_INT, value };
    if ('float' in value) return { name, type: b.TF_ATTR_FLOAT, value: value.float };
    if ('int' in value) return { name, type: b.TF_ATTR_INT, value: value.int };
    return { name, type: b.TF_ATTR_TYPE, value: value.type === 'float32' ? b.TF_FLOAT : b.TF_INT32 };
  }
}

export type AttributeValue =
  | string
  | boolean
  | number[]
  | string[]
  | { float: number }
  | { int: number }
  | { type: 'float32' | 'int32' };
