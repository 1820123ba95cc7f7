import type { Tf } from '../engine';
import { batchNormFrozen, batchNormTrain } from './batch-norm';
import { blend } from './blend';
import { conv2d, depthwiseConv2d } from './conv';
import { convNormFrozen } from './conv-norm';
import type { Kernels } from './kernels';
import { maxPool } from './max-pool';
import type { Ops } from './ops';
import { relu } from './relu';
import { adaptiveAvgPool, avgPool, resizeBilinear, resizeNearest } from './resize';
import { crossEntropyMap, klRows, logSoftmax } from './softmax-losses';

/** The operations of an engine: checks and gradients are the same everywhere, the kernels are the engine's. */
export function createOps(tf: Tf, kernels: Kernels): Ops {
  return {
    conv2d: (x, filter, geometry) => conv2d(tf, kernels, x, filter, geometry),
    depthwiseConv2d: (x, filter, geometry) => depthwiseConv2d(tf, kernels, x, filter, geometry),
    batchNormTrain: (x, gamma, beta, epsilon, after) =>
      batchNormTrain(tf, kernels, x, gamma, beta, epsilon, after),
    batchNormFrozen: (x, gamma, beta, mean, variance, epsilon) =>
      batchNormFrozen(tf, kernels, x, gamma, beta, mean, variance, epsilon),
    convNormFrozen: (x, filter, geometry, norm, after) =>
      convNormFrozen(tf, kernels, x, filter, geometry, norm, after),
    maxPool: (x, size, stride, padding, ceil = false) => maxPool(tf, kernels, x, size, stride, padding, ceil),
    avgPool: (x, window) => avgPool(tf, kernels, x, window),
    adaptiveAvgPool: (x, bins) => adaptiveAvgPool(tf, kernels, x, bins),
    resizeBilinear: (x, size, alignCorners) => resizeBilinear(tf, kernels, x, size, alignCorners),
    resizeNearest: (x, size) => resizeNearest(tf, kernels, x, size),
    logSoftmax: (logits) => logSoftmax(tf, kernels, logits),
    crossEntropyMap: (logits, labels) => crossEntropyMap(tf, kernels, logits, labels),
    klRows: (student, teacher, temperature) => klRows(tf, kernels, student, teacher, temperature),
    relu: (x) => relu(tf, kernels, x),
    sgdStep(updates, options) {
      if (kernels.sgdStepAll) kernels.sgdStepAll(updates, options);
      else
        for (const { weight, gradient, velocity } of updates)
          kernels.sgdStep(weight, gradient, velocity, options);
    },
    blend: (updates, share) => blend(tf, kernels, updates, share),
  };
}
