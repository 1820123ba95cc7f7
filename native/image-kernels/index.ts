// What is done to every byte of an image between its file and a batch. Memory belongs to the caller; kernels may touch up
// to 16 bytes behind what they work on.

// biome-ignore-start lint/performance/noBarrelFile: what the compiled module exports is what its entry file does
export { unfilter } from './filters';
export { mapHsv } from './hsv';
export { blendRow, mapBytes, normaliseRow, resizeRow } from './rows';
// biome-ignore-end lint/performance/noBarrelFile: what the compiled module exports is what its entry file does
