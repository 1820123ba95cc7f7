import { alongAxis } from './axis';
import { convFilterGrad, convProduct } from './conv';
import { depthwiseFilterGrad, depthwiseProduct } from './depthwise';
import { reluGrad, sgdStep } from './elementwise';
import { maxPoolGrad } from './max-pool';
import { channelAffine, channelNormGrad, channelSums } from './norm';
import { packRows, packTransposed } from './pack';

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
}

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
    default:
      unreachable();
  }
}
