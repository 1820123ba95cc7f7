#include <cstring>

#include "kernel_calls.h"
#include "kernels.h"
#include "parallel.h"

namespace {

// [n, h, w, channels, size, stride, padding, outH, outW] from argument i on.
struct Pool {
  Pool(const Arguments& a, size_t i)
      : n(a.integer(i)),
        shape{a.integer(i + 1), a.integer(i + 2), a.integer(i + 3), a.integer(i + 4),
              a.integer(i + 5), a.integer(i + 6), a.integer(i + 7), a.integer(i + 8)} {
    const auto inside = [&](int64_t out, int64_t size) {
      return out >= 1 && (out - 1) * shape.stride - shape.padding < size;
    };
    if (shape.padding >= shape.size || !inside(shape.outH, shape.h) || !inside(shape.outW, shape.w))
      throw Failure("a window of the pool lies outside of the image");
  }
  int64_t n;
  PoolShape shape;
  int64_t inSize() const { return shape.h * shape.w * shape.channels; }
  int64_t outSize() const { return shape.outH * shape.outW * shape.channels; }
};

}  // namespace

// maxPool(x, n, h, w, channels, size, stride, padding, outH, outW) -> y
napi_value maxPool(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:maxPool");
  const Pool pool(a, 1);
  const PoolShape& s = pool.shape;
  const float* x = r.floats(a.integer(0), pool.n * pool.inSize());
  float* y;
  const int32_t id = r.allocate({pool.n, s.outH, s.outW, s.channels}, &y);
  parallelRanges(pool.n * s.outH, 4, [&](size_t begin, size_t end, int) {
    for (size_t row = begin; row < end; row++)
      kernels().maxPoolRow(x + row / s.outH * pool.inSize(), s, row % s.outH, y + row * s.outW * s.channels);
  });
  return toNumber(a.env, id);
}

// maxPoolGrad(dy, x, y, n, h, w, channels, size, stride, padding, outH, outW) -> dx
napi_value maxPoolGrad(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:maxPoolGrad");
  const Pool pool(a, 3);
  const PoolShape& s = pool.shape;
  const float* dy = r.floats(a.integer(0), pool.n * pool.outSize());
  const float* x = r.floats(a.integer(1), pool.n * pool.inSize());
  const float* y = r.floats(a.integer(2), pool.n * pool.outSize());
  float* dx;
  const int32_t id = r.allocate({pool.n, s.h, s.w, s.channels}, &dx);
  // Windows overlap, images and channels do not.
  const int64_t width = 4 * static_cast<int64_t>(kernels().lanes);
  const int64_t parts = (s.channels + width - 1) / width;
  parallelRanges(pool.n * s.h, 4, [&](size_t begin, size_t end, int) {
    std::memset(dx + begin * s.w * s.channels, 0, (end - begin) * s.w * s.channels * sizeof(float));
  });
  parallel(static_cast<int>(pool.n * parts), [&](int i) {
    const int64_t image = i / parts, begin = i % parts * width;
    kernels().maxPoolGradient(dy + image * pool.outSize(), x + image * pool.inSize(), y + image * pool.outSize(), s,
                              begin, std::min(s.channels, begin + width), dx + image * pool.inSize());
  });
  return toNumber(a.env, id);
}

// alongAxis(x, outer, columns, rows, length, start, index, weight, shape): every [columns, length] part of x times the
// sparse matrix [rows, columns] -> [rows, length]
napi_value alongAxis(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:alongAxis");
  const int64_t outer = a.integer(1), columns = a.integer(2), rows = a.integer(3), length = a.integer(4);
  const float* x = r.floats(a.integer(0), outer * columns * length);
  const int32_t* start = int32sOf(a.env, a.at(5), rows + 1);
  const int32_t* index = int32sOf(a.env, a.at(6), start[rows]);
  const float* weight = floatsOf(a.env, a.at(7), start[rows]);
  for (int32_t e = 0; e < start[rows]; e++)
    if (index[e] < 0 || index[e] >= columns) throw Failure("the matrix has more columns than the axis");
  float* y;
  const int32_t id = r.allocate(integersOf(a.env, a.at(8)), &y);
  parallelRanges(outer * rows, 1 + 4096 / length, [&](size_t begin, size_t end, int) {
    for (size_t i = begin; i < end; i++) {
      const int64_t row = i % rows;
      kernels().combine(x + i / rows * columns * length, length, index + start[row], weight + start[row],
                        start[row + 1] - start[row], length, y + i * length);
    }
  });
  return toNumber(a.env, id);
}
