#include <vector>

#include "convolution.h"
#include "kernel_calls.h"

namespace {

// [n, h, w, dilation, from, to] from argument i on.
struct Geometry {
  Geometry(const Arguments& a, size_t i)
      : map{a.integer(i), a.integer(i + 1), a.integer(i + 2)},
        dilation(a.integer(i + 3)),
        from(a.integer(i + 4)),
        to(a.integer(i + 5)) {}
  Map map;
  int64_t dilation, from, to;
  int64_t pixels() const { return map.n * map.h * map.w; }
};

}  // namespace

// winogradFits(n, h, w, dilation, from, to) -> boolean
napi_value winogradFits(Runtime&, const Arguments& a) {
  const Geometry g(a, 0);
  napi_value result;
  check(napi_get_boolean(a.env, winogradFits(g.map, g.dilation, g.from, g.to), &result), "out of memory");
  return result;
}

// winograd(x, filter, n, h, w, dilation, from, to) -> y
napi_value winograd(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:winograd");
  const Geometry g(a, 2);
  const float* x = r.floats(a.integer(0), g.pixels() * g.from);
  const float* filter = r.floats(a.integer(1), 9 * g.from * g.to);
  float* y;
  const int32_t id = r.allocate({g.map.n, g.map.h, g.map.w, g.to}, &y);
  winograd(g.map, g.dilation, g.from, g.to, x, filter, {}, y);
  return toNumber(a.env, id);
}

// winogradInputGradient(dy, filter, n, h, w, dilation, from, to) -> dx
napi_value winogradInputGradient(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:winogradInputGradient");
  const Geometry g(a, 2);
  const float* dy = r.floats(a.integer(0), g.pixels() * g.to);
  const float* filter = r.floats(a.integer(1), 9 * g.from * g.to);
  float* dx;
  const int32_t id = r.allocate({g.map.n, g.map.h, g.map.w, g.from}, &dx);
  winogradInputGradient(g.map, g.dilation, g.from, g.to, dy, filter, dx);
  return toNumber(a.env, id);
}

// winogradFilterGradient(x, dy, n, h, w, dilation, from, to) -> gradient [3,3,from,to]
napi_value winogradFilterGradient(Runtime& r, const Arguments& a) {
  Timed timed(r, "own:winogradFilterGradient");
  const Geometry g(a, 2);
  const float* x = r.floats(a.integer(0), g.pixels() * g.from);
  const float* dy = r.floats(a.integer(1), g.pixels() * g.to);
  float* gradient;
  const int32_t id = r.allocate({3, 3, g.from, g.to}, &gradient);
  winogradFilterGradient(g.map, g.dilation, g.from, g.to, x, dy, gradient);
  return toNumber(a.env, id);
}
