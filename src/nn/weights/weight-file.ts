import type { Dtype } from './dtype';

/** A tensor of a file: what its header says; the values are read when they are asked for. */
export interface StoredTensor {
  readonly dtype: Dtype;
  /** As the file has it: filters OIHW for `torch`, HWIO for `tf`. */
  readonly shape: readonly number[];
  /** Values as float32, row-major. Only for floating-point types. Errors: checkpoint-broken, io. */
  read(): Float32Array;
}

/** An opened file of weights, whatever its format. Its header has been checked against its size. */
export interface WeightFile {
  readonly where: string;
  /** In words: `PyTorch`, `PyTorch before 1.6`, `safetensors`, `TensorFlow.js`. */
  readonly format: string;
  /** How filters lie. */
  readonly layout: 'torch' | 'tf';
  /** Where in the file the table lay, for those that hold more than one: `state_dict`; empty for the whole. */
  readonly table: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
  close(): void;
}

/** What is known of a file without its values. */
export type WeightTable = Omit<WeightFile, 'close'>;

/** More than any network has; tables are refused above it. */
export const MAX_TENSORS = 50_000;
