#include "panels.h"

#include <algorithm>

#include "kernels.h"
#include "parallel.h"

namespace {

// Rows of a filter that a task packs, and of these at once.
constexpr int64_t kRowsOfTask = 64, kRowsAtOnce = 8;

}  // namespace

size_t panelsSize(int64_t taps, int64_t k, int64_t n) {
  const int64_t panel = kernels().panel;
  return taps * k * ((n + panel - 1) / panel * panel);
}

void packFilters(const float* filter, int64_t taps, int64_t k, int64_t n, bool backward, float* packed) {
  const Kernels& kernel = kernels();
  const int64_t panel = kernel.panel, panels = (n + panel - 1) / panel;
  if (backward) {
    parallel(static_cast<int>(panels), [&](int p) {
      const int64_t first = p * panel;
      for (int64_t tap = 0; tap < taps; tap++)
        kernel.packPanelTransposed(filter + (taps - 1 - tap) * k * n + first * k, k, k, std::min(panel, n - first),
                                   packed + (p * taps + tap) * k * panel);
    });
    return;
  }
  // In the order in which they lie in memory, from which they often come.
  const int64_t slices = (k + kRowsOfTask - 1) / kRowsOfTask;
  parallel(static_cast<int>(taps * slices), [&](int task) {
    const int64_t tap = task / slices, begin = task % slices * kRowsOfTask, end = std::min(k, begin + kRowsOfTask);
    for (int64_t i = begin; i < end; i += kRowsAtOnce)
      for (int64_t p = 0; p < panels; p++)
        kernel.packPanel(filter + (tap * k + i) * n + p * panel, n, std::min(kRowsAtOnce, end - i),
                         std::min(panel, n - p * panel), packed + ((p * taps + tap) * k + i) * panel);
  });
}
