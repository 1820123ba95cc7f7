import type { Tf } from '../../engine';
import type { Kernels } from '../../ops/kernels';
import type { RawOperations } from '../raw';
import { type ConvKernels, cpuConv } from './conv';
import { cpuLosses } from './losses';
import { cpuMaps } from './maps';
import { cpuNorm } from './norm';
import { cpuSgd } from './sgd';

/**
 * What the addon computes itself on tensors in the memory of the CPU (native/tensorflow), because it is faster than
 * TensorFlow's operations there; `others` do what it leaves to them.
 */
export function cpuKernels(tf: Tf, raw: RawOperations, others: ConvKernels): Partial<Kernels> {
  return {
    ...cpuConv(raw, others),
    ...cpuNorm(raw),
    ...cpuMaps(raw),
    ...cpuLosses(raw),
    ...cpuSgd(tf, raw),
  };
}
