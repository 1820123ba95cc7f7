#include <algorithm>
#include <cstring>
#include <vector>

#include "buffers.h"
#include "convolution.h"
#include "kernels.h"
#include "parallel.h"

namespace {

// Output pixels of a task: as many as keep their inputs in the second-level cache.
int64_t blockOf(int64_t from) { return std::max<int64_t>(24, std::min<int64_t>(192, (192 << 10) / from / 12 * 12)); }

// Filters in panels: [panel][tap][k][columns].
void packFilters(const float* filter, int64_t taps, int64_t k, int64_t n, bool backward, const float* scale,
                 float* packed) {
  const Kernels& kernel = kernels();
  const int64_t panel = kernel.panel, panels = (n + panel - 1) / panel;
  parallel(static_cast<int>(panels), [&](int p) {
    const int64_t first = p * panel;
    const size_t columns = std::min(panel, n - first);
    for (int64_t tap = 0; tap < taps; tap++) {
      float* to = packed + (p * taps + tap) * k * panel;
      if (backward)
        kernel.packPanelTransposed(filter + (taps - 1 - tap) * k * n + first * k, k, k, columns, to);
      else
        kernel.packPanel(filter + tap * k * n + first, n, k, columns, scale ? scale + first : nullptr, to);
    }
  });
}

// y [n, outH, outW, columns] of x [n, h, w, k] with packed filters.
void convolve(const Direct& s, int64_t k, int64_t n, const float* x, const float* packed, const Epilogue& epilogue,
              float* y) {
  const Kernels& kernel = kernels();
  const int64_t panel = kernel.panel, panels = (n + panel - 1) / panel, taps = s.kernel * s.kernel;
  const int64_t pixels = s.map.n * s.outH * s.outW, block = blockOf(k), blocks = (pixels + block - 1) / block;
  const std::vector<float> zeros(k, 0.0f);
  parallel(static_cast<int>(blocks), [&](int b) {
    const int64_t first = b * block, count = std::min(block, pixels - first);
    // Where each tap finds the inputs of each pixel; taps that see padding alone are left out.
    std::vector<const float*> rows(taps * count);
    std::vector<bool> seen(taps, false);
    for (int64_t i = 0; i < count; i++) {
      const int64_t at = first + i, ox = at % s.outW, oy = at / s.outW % s.outH, image = at / s.outW / s.outH;
      for (int64_t tap = 0; tap < taps; tap++) {
        const int64_t iy = oy * s.stride - s.padding + tap / s.kernel * s.dilation;
        const int64_t ix = ox * s.stride - s.padding + tap % s.kernel * s.dilation;
        const bool inside = iy >= 0 && iy < s.map.h && ix >= 0 && ix < s.map.w;
        rows[tap * count + i] = inside ? x + ((image * s.map.h + iy) * s.map.w + ix) * k : zeros.data();
        if (inside) seen[tap] = true;
      }
    }
    Scratch sums(count * panel);
    for (int64_t p = 0; p < panels; p++) {
      bool any = false;
      for (int64_t tap = 0; tap < taps; tap++) {
        if (!seen[tap]) continue;
        kernel.gemmRows(rows.data() + tap * count, count, k, packed + (p * taps + tap) * k * panel, sums.get(), panel,
                        any);
        any = true;
      }
      if (!any) std::memset(sums.get(), 0, count * panel * sizeof(float));
      const int64_t column = p * panel;
      kernel.storeRows(sums.get(), count, std::min(panel, n - column), y + first * n + column, n,
                       epilogue.shift ? epilogue.shift + column : nullptr,
                       epilogue.added ? epilogue.added + first * n + column : nullptr, epilogue.relu);
    }
  });
}

size_t packedSize(int64_t taps, int64_t k, int64_t n) {
  const int64_t panel = kernels().panel;
  return taps * k * ((n + panel - 1) / panel * panel);
}

}  // namespace

void direct(const Direct& s, const float* x, const float* filter, const Epilogue& epilogue, float* y) {
  const int64_t taps = s.kernel * s.kernel;
  Scratch packed(packedSize(taps, s.from, s.to));
  packFilters(filter, taps, s.from, s.to, false, epilogue.scale, packed.get());
  convolve(s, s.from, s.to, x, packed.get(), epilogue, y);
}

void directInputGradient(const Direct& s, const float* dy, const float* filter, float* dx) {
  const int64_t taps = s.kernel * s.kernel;
  Scratch packed(packedSize(taps, s.to, s.from));
  packFilters(filter, taps, s.to, s.from, true, nullptr, packed.get());
  // A convolution again, with the filter turned and the padding that was left out.
  const Direct turned{{s.map.n, s.outH, s.outW}, s.to,    s.from,  s.kernel, 1, s.dilation,
                      s.dilation * (s.kernel - 1) - s.padding, s.map.h, s.map.w};
  convolve(turned, s.to, s.from, dy, packed.get(), {}, dx);
}

void directFilterGradient(const Direct& s, const float* x, const float* dy, float* gradient) {
  const Kernels& kernel = kernels();
  const int64_t panel = kernel.panel, panels = (s.to + panel - 1) / panel, taps = s.kernel * s.kernel;
  // Input channels of a task: its sums stay in the second-level cache.
  const int64_t slice = std::min<int64_t>(s.from, 192);
  const int64_t slices = (s.from + slice - 1) / slice;
  parallel(static_cast<int>(panels * slices), [&](int task) {
    const int64_t p = task / slices, c0 = task % slices * slice, c1 = std::min(s.from, c0 + slice);
    const int64_t channels = c1 - c0, column = p * panel;
    const size_t columns = std::min(panel, s.to - column);
    Scratch sums(taps * channels * panel), row(s.outW * panel);
    std::memset(sums.get(), 0, taps * channels * panel * sizeof(float));
    for (int64_t at = 0; at < s.map.n * s.outH; at++) {
      const int64_t oy = at % s.outH, image = at / s.outH;
      kernel.packPanel(dy + at * s.outW * s.to + column, s.to, s.outW, columns, nullptr, row.get());
      for (int64_t tap = 0; tap < taps; tap++) {
        const int64_t iy = oy * s.stride - s.padding + tap / s.kernel * s.dilation;
        if (iy < 0 || iy >= s.map.h) continue;
        // Output columns [begin, end) whose input column is inside.
        const int64_t shift = tap % s.kernel * s.dilation - s.padding;
        const int64_t begin = std::max<int64_t>(0, (-shift + s.stride - 1) / s.stride);
        const int64_t end = std::min(s.outW, shift >= s.map.w ? 0 : (s.map.w - 1 - shift) / s.stride + 1);
        if (begin >= end) continue;
        kernel.gemmColumns(x + ((image * s.map.h + iy) * s.map.w + begin * s.stride + shift) * s.from + c0,
                           s.stride * s.from, channels, end - begin, row.get() + begin * panel,
                           sums.get() + tap * channels * panel, panel, true);
      }
    }
    for (int64_t tap = 0; tap < taps; tap++)
      kernel.storeRows(sums.get() + tap * channels * panel, channels, columns,
                       gradient + (tap * s.from + c0) * s.to + column, s.to, nullptr, nullptr, false);
  });
}
