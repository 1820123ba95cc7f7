// Kernels of our own, as methods of the binding. Tensors are given by number, everything else as numbers and arrays; the
// results are numbers of new tensors. All work on the CPU's memory and check the sizes of what they are given.
#pragma once

#include "napi_values.h"
#include "runtime.h"

#define KERNEL_CALLS(K)      \
  K(sgdStep) \
  K(threads) \
  K(winogradFits) \
  K(conv) \
  K(convNorm) \
  K(convInputGrad) \
  K(convFilterGrad) \
  K(normTrain) \
  K(normTrainGrad) \
  K(blend) \
  K(crossEntropy) \
  K(crossEntropyGrad) \
  K(klRows) \
  K(klRowsGrad) \
  K(maxPool) \
  K(maxPoolGrad) \
  K(alongAxis)

#define DECLARE_CALL(name) napi_value name(Runtime& runtime, const Arguments& arguments);
KERNEL_CALLS(DECLARE_CALL)
#undef DECLARE_CALL
