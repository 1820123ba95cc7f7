#include <cmath>
#include <vector>

#include "buffers.h"
#include "kernel_calls.h"
#include "kernels.h"
#include "parallel.h"

namespace {

// Rows that one piece of work takes at least.
size_t grainOf(int64_t channels) { return std::max<int64_t>(64, (1 << 15) / channels); }

const float* optionalFloats(Runtime& r, int64_t id, int64_t elements) {
  return id < 0 ? nullptr : r.floats(id, elements);
}

}  // namespace

// normTrain(x, gamma, beta, added | -1, relu, rows, channels, epsilon, shape) -> [y, mean, unbiased variance, 1 / deviation]
napi_value normTrain(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:normTrain");
  const int64_t rows = a.integer(5), channels = a.integer(6);
  const float* x = r.floats(a.integer(0), rows * channels);
  const float* gamma = r.floats(a.integer(1), channels);
  const float* beta = r.floats(a.integer(2), channels);
  const float* added = optionalFloats(r, a.integer(3), rows * channels);
  const bool relu = a.flag(4);
  const double epsilon = a.number(7);
  const Kernels& kernel = kernels();

  const int pieces = rangePieces(rows, grainOf(channels));
  std::vector<double> sums(2 * channels * pieces, 0.0);
  parallelRanges(rows, grainOf(channels), [&](size_t begin, size_t end, int piece) {
    double* sum = sums.data() + 2 * channels * piece;
    kernel.normSums(x + begin * channels, end - begin, channels, x, sum, sum + channels);
  });
  float *y, *mean, *variance, *inverse;
  const int32_t yId = r.allocate(integersOf(a.env, a.at(8)), &y);
  const int32_t meanId = r.allocate({channels}, &mean);
  const int32_t varianceId = r.allocate({channels}, &variance);
  const int32_t inverseId = r.allocate({channels}, &inverse);
  std::vector<float> scale(channels);
  for (int64_t c = 0; c < channels; c++) {
    double sum = 0, squares = 0;
    for (int p = 0; p < pieces; p++) {
      sum += sums[2 * channels * p + c];
      squares += sums[2 * channels * p + channels + c];
    }
    const double n = static_cast<double>(rows), offset = sum / n;
    const double biased = std::max(0.0, squares / n - offset * offset);
    mean[c] = static_cast<float>(x[c] + offset);
    variance[c] = static_cast<float>(biased * n / (n - 1));
    inverse[c] = static_cast<float>(1 / std::sqrt(biased + epsilon));
    scale[c] = gamma[c] * inverse[c];
  }
  parallelRanges(rows, grainOf(channels), [&](size_t begin, size_t end, int) {
    const size_t at = begin * channels;
    kernel.normApply(x + at, end - begin, channels, mean, scale.data(), beta, added ? added + at : nullptr, relu,
                     y + at);
  });
  return toShape(a.env, {yId, meanId, varianceId, inverseId});
}

// normTrainGrad(dy, y | -1, x, gamma, mean, 1 / deviation, rows, channels, added, shape) -> [dx, dGamma, dBeta, dAdded | -1]
// y: the result, where ReLU follows. added: whether something was added before it.
napi_value normTrainGrad(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:normTrainGrad");
  const int64_t rows = a.integer(6), channels = a.integer(7);
  const float* dy = r.floats(a.integer(0), rows * channels);
  const float* y = optionalFloats(r, a.integer(1), rows * channels);
  const float* x = r.floats(a.integer(2), rows * channels);
  const float* gamma = r.floats(a.integer(3), channels);
  const float* mean = r.floats(a.integer(4), channels);
  const float* inverse = r.floats(a.integer(5), channels);
  const Kernels& kernel = kernels();

  const int pieces = rangePieces(rows, grainOf(channels));
  std::vector<double> sums(2 * channels * pieces, 0.0);
  parallelRanges(rows, grainOf(channels), [&](size_t begin, size_t end, int piece) {
    double* sum = sums.data() + 2 * channels * piece;
    const size_t at = begin * channels;
    kernel.normGradientSums(dy + at, y ? y + at : nullptr, x + at, end - begin, channels, mean, sum, sum + channels);
  });
  const std::vector<int64_t> shape = integersOf(a.env, a.at(9));
  float *dx, *dGamma, *dBeta, *dAdded = nullptr;
  const int32_t dxId = r.allocate(shape, &dx);
  const int32_t dGammaId = r.allocate({channels}, &dGamma);
  const int32_t dBetaId = r.allocate({channels}, &dBeta);
  const int32_t dAddedId = a.flag(8) ? r.allocate(shape, &dAdded) : -1;
  std::vector<float> scale(channels), slope(channels), offset(channels);
  for (int64_t c = 0; c < channels; c++) {
    double sumG = 0, sumGX = 0;
    for (int p = 0; p < pieces; p++) {
      sumG += sums[2 * channels * p + c];
      sumGX += sums[2 * channels * p + channels + c];
    }
    const double n = static_cast<double>(rows), i = inverse[c], s = gamma[c] * i;
    dBeta[c] = static_cast<float>(sumG);
    dGamma[c] = static_cast<float>(sumGX * i);
    // dx = s * (g - mean(g) - (x - mean) * i^2 * mean(g * (x - mean)))
    const double b = -s * i * i * sumGX / n;
    scale[c] = static_cast<float>(s);
    slope[c] = static_cast<float>(b);
    offset[c] = static_cast<float>(-s * sumG / n);
  }
  parallelRanges(rows, grainOf(channels), [&](size_t begin, size_t end, int) {
    const size_t at = begin * channels;
    kernel.normGradientApply(dy + at, y ? y + at : nullptr, x + at, end - begin, channels, mean, scale.data(),
                             slope.data(), offset.data(), dx + at, dAdded ? dAdded + at : nullptr);
  });
  return toShape(a.env, {dxId, dGammaId, dBetaId, dAddedId});
}

// blend(targets, values, share): target = (1 - share) * target + share * value, in place
napi_value blend(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:blend");
  const std::vector<int64_t> targets = integersOf(a.env, a.at(0)), values = integersOf(a.env, a.at(1));
  if (targets.size() != values.size()) throw Failure("blend wants one value per target");
  for (size_t i = 0; i < targets.size(); i++) {
    Status status;
    const int64_t count = api.TFE_TensorHandleNumElements(r.handle(targets[i]), status);
    kernels().blend(r.floats(targets[i], count), r.floats(values[i], count), count, static_cast<float>(a.number(2)));
  }
  return nullptr;
}
