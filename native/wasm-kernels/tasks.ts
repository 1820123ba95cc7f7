import { alongAxis } from './axis';
import { CONV_SCRATCH, convFilterGrad, convProduct } from './conv';
import { depthwiseFilterGrad, depthwiseProduct } from './depthwise';
import { reluGrad, sgdStep } from './elementwise';
import { maxPoolGrad } from './max-pool';
import { channelAffine, channelNormGrad, channelSums } from './norm';
import { packRows, packTransposed } from './pack';
import { WINOGRAD_SCRATCH, winogradFilterGrad, winogradProduct } from './winograd';
import { winogradGradient, winogradInput } from './winograd-tiles';

/** Every kernel; its tasks may run on any thread in any order. */
export enum Kernel {
  packRows,
  packTransposed,
  convProduct,
  convFilterGrad,
  channelSums,
  channelAffine,
  channelNormGrad,
  reluGrad,
  sgdStep,
  alongAxis,
  maxPoolGrad,
  depthwiseProduct,
  depthwiseFilterGrad,
  winogradInput,
  winogradGradient,
  winogradProduct,
  winogradFilterGrad,
}

/** Bytes of scratch memory that a thread needs. */
export const SCRATCH: i32 = max(CONV_SCRATCH, WINOGRAD_SCRATCH);

export function runTask(kernel: i32, task: i32, args: usize, scratch: usize): void {
  switch (kernel) {
    case Kernel.packRows:
      packRows(task, args);
      break;
    case Kernel.packTransposed:
      packTransposed(task, args);
      break;
    case Kernel.convProduct:
      convProduct(task, args, scratch);
      break;
    case Kernel.convFilterGrad:
      convFilterGrad(task, args, scratch);
      break;
    case Kernel.channelSums:
      channelSums(task, args);
      break;
    case Kernel.channelAffine:
      channelAffine(task, args);
      break;
    case Kernel.channelNormGrad:
      channelNormGrad(task, args);
      break;
    case Kernel.reluGrad:
      reluGrad(task, args);
      break;
    case Kernel.sgdStep:
      sgdStep(task, args);
      break;
    case Kernel.alongAxis:
      alongAxis(task, args);
      break;
    case Kernel.maxPoolGrad:
      maxPoolGrad(task, args);
      break;
    case Kernel.depthwiseProduct:
      depthwiseProduct(task, args);
      break;
    case Kernel.depthwiseFilterGrad:
      depthwiseFilterGrad(task, args);
      break;
    case Kernel.winogradInput:
      winogradInput(task, args, scratch);
      break;
    case Kernel.winogradGradient:
      winogradGradient(task, args, scratch);
      break;
    case Kernel.winogradProduct:
      winogradProduct(task, args, scratch);
      break;
    case Kernel.winogradFilterGrad:
      winogradFilterGrad(task, args, scratch);
      break;
    default:
      unreachable();
  }
}
