import type { Tensor } from '@tensorflow/tfjs-core';

/** The part of the native addon that is used directly: constants of TensorFlow's C interface. */
export interface TensorFlowBinding {
  TF_Version: string;
  TF_FLOAT: number;
  TF_INT32: number;
  TF_ATTR_TYPE: number;
  TF_ATTR_INT: number;
  TF_ATTR_FLOAT: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_STRING: number;
}

interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

interface NodeBackend {
  isUsingGpuDevice: boolean;
  executeSingleOutput(name: string, attributes: Attribute[], inputs: Tensor[]): Tensor;
  executeMultipleOutputs(name: string, attributes: Attribute[], inputs: Tensor[], count: number): Tensor[];
}

/**
 * Runs TensorFlow operations by name. tfjs-node's own wrappers leave out much of what the operations can do (dilated
 * gradients, fused batch norm with its gradient, sparse cross entropy).
 */
export class RawOperations {
  readonly #backend: NodeBackend;
  readonly #binding: TensorFlowBinding;

  constructor(backend: unknown, binding: TensorFlowBinding) {
    this.#backend = backend as NodeBackend;
    this.#binding = binding;
  }

  get usesGpu(): boolean {
    return this.#backend.isUsingGpuDevice;
  }

  /** One output. `attributes` besides `T`, which is float32: see `attribute` below for how values map to kinds. */
  run<T extends Tensor>(name: string, inputs: Tensor[], attributes: Record<string, AttributeValue> = {}): T {
    return this.#backend.executeSingleOutput(name, this.#attributes(attributes), inputs) as T;
  }

  runMany(
    name: string,
    inputs: Tensor[],
    count: number,
    attributes: Record<string, AttributeValue>,
  ): Tensor[] {
    return this.#backend.executeMultipleOutputs(name, this.#attributes(attributes), inputs, count);
  }

  #attributes(values: Record<string, AttributeValue>): Attribute[] {
    return [
      { name: 'T', type: this.#binding.TF_ATTR_TYPE, value: this.#binding.TF_FLOAT },
      ...Object.entries(values).map(([name, value]) => this.#attribute(name, value)),
    ];
  }

  #attribute(name: string, value: AttributeValue): Attribute {
    const b = this.#binding;
    if (typeof value === 'string') return { name, type: b.TF_ATTR_STRING, value };
    if (typeof value === 'boolean') return { name, type: b.TF_ATTR_BOOL, value };
    if (Array.isArray(value)) return { name, type: b.TF_ATTR_INT, value };
    if ('float' in value) return { name, type: b.TF_ATTR_FLOAT, value: value.float };
    if ('int' in value) return { name, type: b.TF_ATTR_INT, value: value.int };
    return { name, type: b.TF_ATTR_TYPE, value: value.type === 'float32' ? b.TF_FLOAT : b.TF_INT32 };
  }
}

export type AttributeValue =
  | string
  | boolean
  | number[]
  | { float: number }
  | { int: number }
  | { type: 'float32' | 'int32' };
