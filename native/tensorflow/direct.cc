#include <algorithm>
#include <cstring>
#include <vector>

#include "buffers.h"
#include "convolution.h"
#include "kernels.h"
#include "panels.h"
#include "parallel.h"

namespace {

// Rows of a product are computed twelve, six or four at a time.
constexpr int64_t kRowStep = 12;
// Inputs of a task, in floats: they stay in the second-level cache.
constexpr int64_t kInputs = 192 << 10;
// Outputs of a task per pixel. Rows of the result are written as long pieces: short ones a page apart cost more than the
// product.
constexpr int64_t kColumns = 512;
// Of a filter's gradient: sums of a task, in floats, for the same cache, and pixels that are summed at a time.
constexpr int64_t kSums = 192 << 10, kSummed = 192, kPanelsOfSum = 8;
// As many tasks as share out evenly on most machines.
constexpr int64_t kTasks = 16;

int64_t blockOf(int64_t k, int64_t pixels) {
  const int64_t most = std::min<int64_t>(96, kInputs / k), even = (pixels + kTasks - 1) / kTasks;
  return std::max<int64_t>(2 * kRowStep, (std::min(most, even) + kRowStep - 1) / kRowStep * kRowStep);
}

// Where one tap finds its inputs, and to which of the block's pixels they belong; those that see padding are left out.
struct Tap {
  std::vector<const float*> rows;
  std::vector<int32_t> at;
};

void findTaps(const Direct& s, int64_t k, const float* x, int64_t first, int64_t count, std::vector<Tap>& taps) {
  taps.resize(s.kernel * s.kernel);
  for (Tap& tap : taps) {
    tap.rows.clear();
    tap.at.clear();
  }
  for (int64_t i = 0; i < count; i++) {
    const int64_t pixel = first + i, ox = pixel % s.outW, oy = pixel / s.outW % s.outH;
    const float* image = x + pixel / s.outW / s.outH * s.map.h * s.map.w * k;
    for (int64_t ty = 0; ty < s.kernel; ty++) {
      const int64_t iy = oy * s.stride - s.padding + ty * s.dilation;
      if (iy < 0 || iy >= s.map.h) continue;
      for (int64_t tx = 0; tx < s.kernel; tx++) {
        const int64_t ix = ox * s.stride - s.padding + tx * s.dilation;
        if (ix < 0 || ix >= s.map.w) continue;
        Tap& tap = taps[ty * s.kernel + tx];
        tap.rows.push_back(image + (iy * s.map.w + ix) * k);
        tap.at.push_back(static_cast<int32_t>(i));
      }
    }
  }
}

// y [n, outH, outW, columns] of x [n, h, w, k] with packed filters.
void convolve(const Direct& s, int64_t k, int64_t n, const float* x, const float* packed, const Epilogue& epilogue,
              float* y) {
  const Kernels& kernel = kernels();
  const int64_t panel = kernel.panel, pixels = s.map.n * s.outH * s.outW;
  const int64_t block = blockOf(k, pixels), blocks = (pixels + block - 1) / block;
  const int64_t groups = (n + kColumns - 1) / kColumns;
  parallel(static_cast<int>(blocks * groups), [&](int task) {
    const int64_t first = task / groups * block, count = std::min(block, pixels - first);
    const int64_t column = task % groups * kColumns, columns = std::min(kColumns, n - column);
    const int64_t panels = (columns + panel - 1) / panel;
    std::vector<Tap> taps;
    findTaps(s, k, x, first, count, taps);
    // Rows a power of two apart would compete for the same places in the cache.
    const size_t ld = panels * panel + kernel.lanes;
    Scratch sums(count * ld);
    const bool whole = taps.size() == 1 && static_cast<int64_t>(taps[0].at.size()) == count;
    if (!whole) std::memset(sums.get(), 0, count * ld * sizeof(float));
    for (int64_t p = 0; p < panels; p++)
      for (size_t tap = 0; tap < taps.size(); tap++)
        kernel.gemmRows(taps[tap].rows.data(), taps[tap].at.data(), taps[tap].at.size(), k,
                        packed + ((column / panel + p) * taps.size() + tap) * k * panel, sums.get() + p * panel, ld,
                        !whole);
    Epilogue own = epilogue.from(column);
    for (int64_t i = 0; i < count; i++) {
      const int64_t at = (first + i) * n + column;
      own.added = epilogue.added ? epilogue.added + at : nullptr;
      kernel.storeRow(sums.get() + i * ld, columns, own, y + at);
    }
  });
}

}  // namespace

void direct(const Direct& s, const float* x, const float* filter, const Epilogue& epilogue, float* y) {
  const int64_t taps = s.kernel * s.kernel;
  Scratch packed(panelsSize(taps, s.from, s.to));
  packFilters(filter, taps, s.from, s.to, false, packed.get());
  convolve(s, s.from, s.to, x, packed.get(), epilogue, y);
}

void directInputGradient(const Direct& s, const float* dy, const float* filter, float* dx) {
  const int64_t taps = s.kernel * s.kernel;
  Scratch packed(panelsSize(taps, s.to, s.from));
  packFilters(filter, taps, s.to, s.from, true, packed.get());
  // A convolution again, with the filter turned and the padding that was left out.
  const Direct turned{{s.map.n, s.outH, s.outW}, s.to,    s.from,  s.kernel, 1, s.dilation,
                      s.dilation * (s.kernel - 1) - s.padding, s.map.h, s.map.w};
  convolve(turned, s.to, s.from, dy, packed.get(), {}, dx);
}

void directFilterGradient(const Direct& s, const float* x, const float* dy, float* gradient) {
  const Kernels& kernel = kernels();
  const int64_t panel = kernel.panel, lanes = kernel.lanes, area = s.kernel * s.kernel;
  const int64_t pixels = s.map.n * s.outH * s.outW;
  const int64_t wide = kPanelsOfSum * panel, groups = (s.to + wide - 1) / wide;
  // Input channels of a task.
  const int64_t even = s.from * groups / (kTasks / 2), most = kSums / (area * wide);
  const int64_t slice = std::max<int64_t>(1, std::min(even, most) / lanes) * lanes;
  const int64_t slices = (s.from + slice - 1) / slice;
  parallel(static_cast<int>(groups * slices), [&](int task) {
    const int64_t c0 = task % slices * slice, channels = std::min(slice, s.from - c0);
    const int64_t column = task / slices * wide, columns = std::min(wide, s.to - column);
    const int64_t panels = (columns + panel - 1) / panel, ld = panels * panel;
    Scratch sums(area * channels * ld), b(panels * kSummed * panel), a(kSummed * lanes);
    std::memset(sums.get(), 0, area * channels * ld * sizeof(float));
    std::vector<Tap> taps;
    for (int64_t first = 0; first < pixels; first += kSummed) {
      const int64_t count = std::min(kSummed, pixels - first);
      for (int64_t p = 0; p < panels; p++)
        kernel.packPanel(dy + first * s.to + column + p * panel, s.to, count, std::min(panel, columns - p * panel),
                         b.get() + p * kSummed * panel);
      findTaps(s, s.from, x, first, count, taps);
      for (int64_t c = 0; c < channels; c += lanes) {
        const int64_t rows = std::min(lanes, channels - c);
        for (int64_t tap = 0; tap < area; tap++) {
          const auto& [from, at] = taps[tap];
          kernel.packColumns(from.data(), c0 + c, rows, from.size(), a.get());
          for (int64_t p = 0; p < panels; p++)
            kernel.gemmColumns(a.get(), at.data(), rows, at.size(), b.get() + p * kSummed * panel,
                               sums.get() + (tap * channels + c) * ld + p * panel, ld, true);
        }
      }
    }
    for (int64_t tap = 0; tap < area; tap++)
      for (int64_t c = 0; c < channels; c++)
        kernel.storeRow(sums.get() + (tap * channels + c) * ld, columns, {},
                        gradient + (tap * s.from + c0 + c) * s.to + column);
  });
}
