import type * as tfTypes from '@tensorflow/tfjs-core';
import type { Ops } from './ops/ops';

export type Tf = typeof tfTypes;
export type EngineName = 'tensorflow' | 'webgpu' | 'wasm';

export interface EngineDescription {
  name: EngineName;
  device: 'cpu' | 'gpu';
  /** Versions of everything numbers may depend on: tfjs, libtensorflow, node. */
  versions: Record<string, string>;
  /** One plain sentence for people: what computes, with how many threads. */
  summary: string;
}

/**
 * What computes. `tf` for plain operations (arithmetic, reductions, reshapes), `ops` for everything TensorFlow.js lacks,
 * gets wrong or does slowly. One engine per process.
 */
export interface Engine {
  readonly name: EngineName;
  readonly device: 'cpu' | 'gpu';
  readonly tf: Tf;
  readonly ops: Ops;
  describe(): EngineDescription;
}
