#include <cmath>
#include <vector>

#include "convolution.h"
#include "kernel_calls.h"
#include "kernels.h"
#include "parallel.h"

namespace {

// A convolution from ten numbers, from argument i on: n, h, w, from, to, kernel, stride, dilation, padding, 1 for Winograd.
struct Convolution {
  Convolution(const Arguments& a, size_t i)
      : shape{{a.integer(i), a.integer(i + 1), a.integer(i + 2)},
              a.integer(i + 3),
              a.integer(i + 4),
              a.integer(i + 5),
              a.integer(i + 6),
              a.integer(i + 7),
              a.integer(i + 8),
              0,
              0},
        byWinograd(a.integer(i + 9) != 0) {
    if (shape.map.n < 1 || shape.map.h < 1 || shape.map.w < 1 || shape.from < 1 || shape.to < 1 || shape.kernel < 1 ||
        shape.stride < 1 || shape.dilation < 1 || shape.padding < 0)
      throw Failure("no such convolution");
    const int64_t reach = shape.dilation * (shape.kernel - 1) + 1;
    shape.outH = (shape.map.h + 2 * shape.padding - reach) / shape.stride + 1;
    shape.outW = (shape.map.w + 2 * shape.padding - reach) / shape.stride + 1;
    if (shape.map.h + 2 * shape.padding < reach || shape.map.w + 2 * shape.padding < reach)
      throw Failure("the kernel does not fit");
    if (byWinograd && (shape.kernel != 3 || shape.stride != 1 || shape.padding != shape.dilation ||
                       !winogradFits(shape.map, shape.dilation, shape.from, shape.to)))
      throw Failure("no convolution for Winograd's filtering");
  }
  Direct shape;
  bool byWinograd;
  int64_t inSize() const { return shape.map.n * shape.map.h * shape.map.w * shape.from; }
  int64_t outSize() const { return shape.map.n * shape.outH * shape.outW * shape.to; }
  int64_t filterSize() const { return shape.kernel * shape.kernel * shape.from * shape.to; }
  std::vector<int64_t> outShape() const { return {shape.map.n, shape.outH, shape.outW, shape.to}; }

  void forward(const float* x, const float* filter, const Epilogue& epilogue, float* y) const {
    if (byWinograd)
      winograd(shape.map, shape.dilation, shape.from, shape.to, x, filter, epilogue, y);
    else
      direct(shape, x, filter, epilogue, y);
  }
};

// What a batch norm with given statistics does to each channel: y = x * scale + shift.
struct FrozenNorm {
  // gamma, beta, mean, variance, epsilon from argument i on.
  FrozenNorm(Runtime& r, const Arguments& a, size_t i, int64_t channels) : scale(channels), shift(channels) {
    const float* gamma = r.floats(a.integer(i), channels);
    const float* beta = r.floats(a.integer(i + 1), channels);
    const float* mean = r.floats(a.integer(i + 2), channels);
    const float* variance = r.floats(a.integer(i + 3), channels);
    const double epsilon = a.number(i + 4);
    for (int64_t c = 0; c < channels; c++) {
      const double s = gamma[c] / std::sqrt(variance[c] + epsilon);
      scale[c] = static_cast<float>(s);
      shift[c] = static_cast<float>(beta[c] - mean[c] * s);
    }
  }
  std::vector<float> scale, shift;
};

}  // namespace

// winogradFits(n, h, w, dilation, from, to) -> boolean
napi_value winogradFits(Runtime&, const Arguments& a) {
  napi_value result;
  check(napi_get_boolean(a.env,
                         winogradFits({a.integer(0), a.integer(1), a.integer(2)}, a.integer(3), a.integer(4),
                                      a.integer(5)),
                         &result),
        "out of memory");
  return result;
}

// conv(x, filter, convolution...) -> y
napi_value conv(Runtime& r, const Arguments& a) {
  const Convolution c(a, 2);
  Timed timed(r, c.byWinograd ? "own:winograd" : "own:direct");
  const float* x = r.floats(a.integer(0), c.inSize());
  const float* filter = r.floats(a.integer(1), c.filterSize());
  float* y;
  const int32_t id = r.allocate(c.outShape(), &y);
  c.forward(x, filter, {}, y);
  return toNumber(a.env, id);
}

// convNorm(x, filter, gamma, beta, mean, variance, epsilon, added | -1, relu, convolution...) -> y
napi_value convNorm(Runtime& r, const Arguments& a) {
  const Convolution c(a, 9);
  Timed timed(r, c.byWinograd ? "own:winogradNorm" : "own:directNorm");
  const float* x = r.floats(a.integer(0), c.inSize());
  const float* filter = r.floats(a.integer(1), c.filterSize());
  const FrozenNorm norm(r, a, 2, c.shape.to);
  const float* added = a.integer(7) < 0 ? nullptr : r.floats(a.integer(7), c.outSize());
  float* y;
  const int32_t id = r.allocate(c.outShape(), &y);
  c.forward(x, filter, {norm.scale.data(), norm.shift.data(), added, a.flag(8)}, y);
  return toNumber(a.env, id);
}

// convInputGrad(dy, filter, convolution...) -> dx
napi_value convInputGrad(Runtime& r, const Arguments& a) {
  const Convolution c(a, 2);
  Timed timed(r, c.byWinograd ? "own:winogradInputGrad" : "own:directInputGrad");
  const float* dy = r.floats(a.integer(0), c.outSize());
  const float* filter = r.floats(a.integer(1), c.filterSize());
  if (c.shape.stride != 1 || c.shape.padding > c.shape.dilation * (c.shape.kernel - 1))
    throw Failure("no input gradient of our own for this convolution");
  float* dx;
  const int32_t id = r.allocate({c.shape.map.n, c.shape.map.h, c.shape.map.w, c.shape.from}, &dx);
  if (c.byWinograd)
    winogradInputGradient(c.shape.map, c.shape.dilation, c.shape.from, c.shape.to, dy, filter, dx);
  else
    directInputGradient(c.shape, dy, filter, dx);
  return toNumber(a.env, id);
}

// convFilterGrad(x, dy, convolution...) -> gradient of the filter
napi_value convFilterGrad(Runtime& r, const Arguments& a) {
  const Convolution c(a, 2);
  Timed timed(r, c.byWinograd ? "own:winogradFilterGrad" : "own:directFilterGrad");
  const float* x = r.floats(a.integer(0), c.inSize());
  const float* dy = r.floats(a.integer(1), c.outSize());
  float* gradient;
  const int32_t id = r.allocate({c.shape.kernel, c.shape.kernel, c.shape.from, c.shape.to}, &gradient);
  if (c.byWinograd)
    winogradFilterGradient(c.shape.map, c.shape.dilation, c.shape.from, c.shape.to, x, dy, gradient);
  else
    directFilterGradient(c.shape, x, dy, gradient);
  return toNumber(a.env, id);
}
