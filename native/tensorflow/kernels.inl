// The inner loops, for the level set by the file that includes this one.

#include "simd.h"

namespace {

#include "gemm.inl"
#include "winograd.inl"
#include "norm.inl"
#include "softmax.inl"
#include "maps.inl"

void sgd(float* weight, const float* gradient, float* velocity, size_t count, const SgdOptions& o) {
  const auto one = [&](auto w, auto g, auto v) { return v * o.momentum + (g + w * o.weightDecay); };
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) {
    const Floats w = load(weight + i);
    const Floats v = one(w, load(gradient + i), load(velocity + i));
    store(velocity + i, v);
    store(weight + i, w - v * o.lr);
  }
  for (; i < count; i++) {
    velocity[i] = one(weight[i], gradient[i], velocity[i]);
    weight[i] -= velocity[i] * o.lr;
  }
}

}  // namespace

#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)

const Kernels& JOIN(kernels, LEVEL)();
const Kernels& JOIN(kernels, LEVEL)() {
  static const Kernels table = {
      LANES,
      kPanel,
      sgd,
      gemmRows,
      gemmColumns,
      packColumns,
      packPanel,
      packPanelTransposed,
      storeRow,
      winogradInput,
      winogradOutputGradient,
      winogradOutput,
      winogradFilter,
      winogradFilterGradient,
      normSums,
      normApply,
      normGradientSums,
      normGradientApply,
      crossEntropy,
      crossEntropyGradient,
      klRows,
      klRowsGradient,
      maxPoolRow,
      maxPoolGradient,
      combine,
      blend,
  };
  return table;
}
