#include <algorithm>
#include <vector>

#include "buffers.h"
#include "convolution.h"
#include "kernels.h"
#include "parallel.h"

namespace {

constexpr int64_t kTile = 4;
constexpr int kPositions = 36;
// Its rounding errors are about ten times those of direct convolution (1e-5 of the largest value). Networks too narrow for
// the speed to matter are computed directly.
constexpr int64_t kFewestChannels = 64;
// Results of more multiplications than this per useful one are left to direct convolution, which has 9.
constexpr double kWaste = 1.7;
// Transformed filters up to this size stay in the second-level cache while all tiles pass by.
constexpr size_t kSmallFilter = 3 << 20;
// Transformed tiles of one task, for the same cache.
constexpr size_t kTilesBytes = 512 << 10;
// Tiles that are transformed at once where the filters are large.
constexpr int64_t kManyTiles = 512;

// A dilated convolution is one of dilation 1 on each of dilation x dilation sub-images of every d-th pixel.
class Tiles {
 public:
  Tiles(const Map& map, int64_t dilation) : map_(map), d_(dilation) {
    for (int64_t ry = 0; ry < std::min(d_, map.h); ry++)
      for (int64_t rx = 0; rx < std::min(d_, map.w); rx++) {
        const int64_t rows = (map.h - ry + d_ - 1) / d_, columns = (map.w - rx + d_ - 1) / d_;
        for (int64_t y = 0; y < rows; y += kTile)
          for (int64_t x = 0; x < columns; x += kTile) corners_.push_back({ry + d_ * y, rx + d_ * x});
      }
  }

  int64_t count() const { return map_.n * static_cast<int64_t>(corners_.size()); }

  // Where the pixels of a tile are in a map of `channels`, `side` x `side` of them from `before` pixels before its corner
  // on; -1 outside the image.
  void offsets(int64_t tile, int side, int before, int64_t channels, int64_t* to) const {
    const int64_t perImage = static_cast<int64_t>(corners_.size());
    const Corner& corner = corners_[tile % perImage];
    const int64_t image = tile / perImage * map_.h;
    for (int i = 0; i < side; i++)
      for (int j = 0; j < side; j++) {
        const int64_t y = corner.y + d_ * (i - before), x = corner.x + d_ * (j - before);
        const bool inside = y >= 0 && y < map_.h && x >= 0 && x < map_.w;
        to[side * i + j] = inside ? ((image + y) * map_.w + x) * channels : -1;
      }
  }

 private:
  struct Corner {
    int64_t y, x;
  };
  Map map_;
  int64_t d_;
  std::vector<Corner> corners_;
};

// Filters of one panel of results, transformed: [36][k][panel].
struct Filters {
  const float* filter;
  int64_t k, n;
  // Of the input's gradient: turned by 180 degrees, with inputs and outputs exchanged.
  bool backward;
  const float* scale;

  void transform(int64_t first, float* taps, float* u) const {
    const Kernels& kernel = kernels();
    const size_t columns = std::min<size_t>(kernel.panel, n - first);
    for (int tap = 0; tap < 9; tap++) {
      float* to = taps + tap * k * kernel.panel;
      if (backward)
        kernel.packPanelTransposed(filter + (8 - tap) * k * n + first * k, k, k, columns, to);
      else
        kernel.packPanel(filter + tap * k * n + first, n, k, columns, scale ? scale + first : nullptr, to);
    }
    kernel.winogradFilter(taps, k, u);
  }
};

// Products of transformed tiles [36][..][k] with one panel of filters, and back into the result.
void multiply(const Tiles& tiles, int64_t first, int64_t count, const float* v, size_t vStep, size_t ldv, int64_t k,
              const float* u, int64_t column, int64_t n, const Epilogue& epilogue, float* y, float* m,
              std::vector<const float*>& rows) {
  const Kernels& kernel = kernels();
  const size_t mStep = count * kernel.panel;
  rows.resize(count);
  for (int position = 0; position < kPositions; position++) {
    for (int64_t t = 0; t < count; t++) rows[t] = v + position * vStep + t * ldv;
    kernel.gemmRows(rows.data(), count, k, u + position * k * kernel.panel, m + position * mStep, kernel.panel, false);
  }
  const size_t columns = std::min<size_t>(kernel.panel, n - column);
  int64_t offset[kTile * kTile];
  for (int64_t t = 0; t < count; t++) {
    tiles.offsets(first + t, kTile, 0, n, offset);
    kernel.winogradOutput(m + t * kernel.panel, mStep, columns, y + column, offset,
                          epilogue.shift ? epilogue.shift + column : nullptr,
                          epilogue.added ? epilogue.added + column : nullptr, epilogue.relu);
  }
}

void transformInput(const Tiles& tiles, int64_t first, int64_t count, const float* x, int64_t k, float* v,
                    size_t vStep, size_t ldv) {
  int64_t offset[36];
  for (int64_t t = 0; t < count; t++) {
    tiles.offsets(first + t, 6, 1, k, offset);
    kernels().winogradInput(x, offset, k, v + t * ldv, vStep);
  }
}

// Rows a power of two apart would compete for the same places in the cache.
size_t paddedRow(int64_t k) { return k + kernels().lanes; }

void convolve(const Map& map, int64_t dilation, const float* x, const Filters& filters, const Epilogue& epilogue,
              float* y) {
  const Tiles tiles(map, dilation);
  const size_t panel = kernels().panel;
  const int64_t k = filters.k, n = filters.n;
  const int64_t panels = (n + panel - 1) / panel;
  const size_t ldv = paddedRow(k);
  const size_t uSize = kPositions * k * panel;
  if (uSize * panels * sizeof(float) <= kSmallFilter) {
    Scratch u(uSize * panels);
    parallel(static_cast<int>(panels), [&](int p) {
      Scratch taps(9 * k * panel);
      filters.transform(p * panel, taps.get(), u.get() + p * uSize);
    });
    const int64_t block = std::max<int64_t>(12, kTilesBytes / (kPositions * k * sizeof(float)) / 12 * 12);
    const int64_t blocks = (tiles.count() + block - 1) / block;
    parallel(static_cast<int>(blocks), [&](int b) {
      const int64_t first = b * block, count = std::min(block, tiles.count() - first);
      Scratch v(kPositions * count * ldv), m(kPositions * count * panel);
      std::vector<const float*> rows;
      transformInput(tiles, first, count, x, k, v.get(), count * ldv, ldv);
      for (int64_t p = 0; p < panels; p++)
        multiply(tiles, first, count, v.get(), count * ldv, ldv, k, u.get() + p * uSize, p * panel, n, epilogue, y,
                 m.get(), rows);
    });
    return;
  }
  for (int64_t first = 0; first < tiles.count(); first += kManyTiles) {
    const int64_t count = std::min(kManyTiles, tiles.count() - first);
    Scratch v(kPositions * count * ldv);
    parallelRanges(count, 4, [&](size_t begin, size_t end, int) {
      transformInput(tiles, first + begin, end - begin, x, k, v.get() + begin * ldv, count * ldv, ldv);
    });
    parallel(static_cast<int>(panels), [&](int p) {
      Scratch taps(9 * k * panel), u(uSize), m(kPositions * count * panel);
      std::vector<const float*> rows;
      filters.transform(p * panel, taps.get(), u.get());
      multiply(tiles, first, count, v.get(), count * ldv, ldv, k, u.get(), p * panel, n, epilogue, y, m.get(), rows);
    });
  }
}

}  // namespace

bool winogradFits(const Map& map, int64_t dilation, int64_t from, int64_t to) {
  const int64_t lanes = static_cast<int64_t>(kernels().lanes);
  if (from % lanes != 0 || to % lanes != 0 || std::min(from, to) < kFewestChannels) return false;
  const auto covered = [&](int64_t size) {
    int64_t sum = 0;
    for (int64_t r = 0; r < std::min(dilation, size); r++) {
      const int64_t length = (size - r + dilation - 1) / dilation;
      sum += (length + kTile - 1) / kTile * kTile;
    }
    return static_cast<double>(sum) / static_cast<double>(size);
  };
  return covered(map.h) * covered(map.w) <= kWaste;
}

void winograd(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* x, const float* filter,
              const Epilogue& epilogue, float* y) {
  convolve(map, dilation, x, {filter, from, to, false, epilogue.scale}, epilogue, y);
}

void winogradInputGradient(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* dy,
                           const float* filter, float* dx) {
  convolve(map, dilation, dy, {filter, to, from, true, nullptr}, {}, dx);
}

void winogradFilterGradient(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* x,
                            const float* dy, float* gradient) {
  const Kernels& kernel = kernels();
  const Tiles tiles(map, dilation);
  const size_t panel = kernel.panel;
  const int64_t panels = (to + panel - 1) / panel;
  const int64_t block = std::min<int64_t>(kManyTiles, tiles.count());
  // Products of all panels are summed over the blocks of tiles.
  const size_t pSize = kPositions * from * panel;
  const bool many = tiles.count() > block;
  Scratch sums(many ? pSize * panels : 1);
  Scratch v(kPositions * block * from);
  for (int64_t first = 0; first < tiles.count(); first += block) {
    const int64_t count = std::min(block, tiles.count() - first);
    const bool last = first + count == tiles.count();
    parallelRanges(count, 4, [&](size_t begin, size_t end, int) {
      transformInput(tiles, first + begin, end - begin, x, from, v.get() + begin * from, count * from, from);
    });
    parallel(static_cast<int>(panels), [&](int p) {
      const int64_t column = p * panel;
      const size_t columns = std::min<size_t>(panel, to - column);
      Scratch w(kPositions * count * panel), own(many ? 1 : pSize);
      float* products = many ? sums.get() + p * pSize : own.get();
      int64_t offset[kTile * kTile];
      for (int64_t t = 0; t < count; t++) {
        tiles.offsets(first + t, kTile, 0, to, offset);
        kernel.winogradOutputGradient(dy + column, offset, columns, w.get() + t * panel, count * panel);
      }
      for (int position = 0; position < kPositions; position++)
        kernel.gemmColumns(v.get() + position * count * from, from, from, count,
                           w.get() + position * count * panel, products + position * from * panel, panel, first > 0);
      if (last) kernel.winogradFilterGradient(products, from, columns, gradient + column, from * to, to);
    });
  }
}
