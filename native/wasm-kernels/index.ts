// Kernels of the wasm engine, in AssemblyScript (`node scripts/build-kernels.mjs` compiles them). They work on the heap of
// TensorFlow.js's wasm backend, on every thread of the engine.

// biome-ignore-start lint/performance/noBarrelFile: what the compiled module exports is what its entry file does
export { BLOCK, FILTER_BLOCK } from './conv';
export { DEPTHWISE_CHANNELS } from './depthwise';
export { PER_TASK } from './elementwise';
export { POOL_CHANNELS } from './max-pool';
export { CHUNK } from './norm';
export { PACK_ROWS } from './pack';
export { Kernel, SCRATCH } from './tasks';
export { run, work } from './threads';
export { WINOGRAD_COLUMNS, WINOGRAD_PRODUCTS } from './winograd';
// biome-ignore-end lint/performance/noBarrelFile: -
