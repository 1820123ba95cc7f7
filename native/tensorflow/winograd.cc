#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "buffers.h"
#include "convolution.h"
#include "kernels.h"
#include "panels.h"
#include "parallel.h"

namespace {

constexpr int64_t kTile = 4;
constexpr int kSide = 6, kPositions = kSide * kSide;
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

void transformInput(const Tiles& tiles, int64_t first, int64_t count, const float* x, int64_t k, float* v,
                    size_t vStep, size_t ldv, size_t vectorStep) {
  int64_t offset[36];
  for (int64_t t = 0; t < count; t++) {
    tiles.offsets(first + t, 6, 1, k, offset);
    kernels().winogradInput(x, offset, k, v + t * ldv, vStep, vectorStep);
  }
}

// Rows a power of two apart would compete for the same places in the cache.
size_t paddedRow(int64_t k) { return k + kernels().lanes; }

// Tiles in the order of their numbers.
std::vector<int32_t> inOrder(int64_t count) {
  std::vector<int32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  return order;
}

// A convolution in progress: `packed` holds the filters of all panels, [panel][9][k][columns].
struct Work {
  const Tiles& tiles;
  int64_t k, n;
  const float* packed;
  const Epilogue& epilogue;
  float* y;

  const float* taps(int64_t p) const { return packed + p * 9 * k * kernels().panel; }

  // Products of `count` transformed tiles v[36][count][ldv] with the filters of some panels, and back into the result.
  // `filters` gives those of a panel and a row of positions, transformed: [6][k][panel].
  template <typename FiltersOfRow>
  void multiply(int64_t first, int64_t count, const float* v, int64_t begin, int64_t end,
                const FiltersOfRow& filters) const {
    const Kernels& kernel = kernels();
    const size_t panel = kernel.panel, ldv = paddedRow(k), mStep = count * panel, mSize = kPositions * mStep;
    Scratch m((end - begin) * mSize);
    std::vector<const float*> rows(count), u(end - begin);
    for (int i = 0; i < kSide; i++) {
      for (int64_t p = begin; p < end; p++) u[p - begin] = filters(p, i);
      for (int j = 0; j < kSide; j++) {
        const int position = kSide * i + j;
        for (int64_t t = 0; t < count; t++) rows[t] = v + (position * count + t) * ldv;
        for (int64_t p = 0; p < end - begin; p++)
          kernel.gemmRows(rows.data(), nullptr, count, k, u[p] + j * k * panel,
                          m.get() + p * mSize + position * mStep, panel, false);
      }
    }
    int64_t offset[kTile * kTile];
    for (int64_t t = 0; t < count; t++) {
      tiles.offsets(first + t, kTile, 0, n, offset);
      for (int64_t p = begin; p < end; p++) {
        const int64_t column = p * panel;
        Epilogue own = epilogue.from(column);
        if (own.added) own.added += column;
        kernel.winogradOutput(m.get() + (p - begin) * mSize + t * panel, mStep, std::min<size_t>(panel, n - column),
                              y + column, offset, own);
      }
    }
  }
};

// `backward`: of the input's gradient, see packFilters.
void convolve(const Map& map, int64_t dilation, int64_t k, int64_t n, const float* x, const float* filter,
              bool backward, const Epilogue& epilogue, float* y) {
  const Kernels& kernel = kernels();
  const Tiles tiles(map, dilation);
  const size_t panel = kernel.panel, ldv = paddedRow(k), rowSize = kSide * k * panel, uSize = kSide * rowSize;
  const int64_t panels = (n + panel - 1) / panel;
  Scratch packed(panelsSize(9, k, n));
  packFilters(filter, 9, k, n, backward, packed.get());
  const Work work{tiles, k, n, packed.get(), epilogue, y};
  if (uSize * panels * sizeof(float) <= kSmallFilter) {
    Scratch u(uSize * panels);
    parallel(static_cast<int>(panels * kSide), [&](int task) {
      kernel.winogradFilter(work.taps(task / kSide), k, task % kSide, u.get() + task * rowSize);
    });
    const int64_t block = std::max<int64_t>(12, kTilesBytes / (kPositions * k * sizeof(float)) / 12 * 12);
    const int64_t blocks = (tiles.count() + block - 1) / block;
    parallel(static_cast<int>(blocks), [&](int b) {
      const int64_t first = b * block, count = std::min(block, tiles.count() - first);
      Scratch v(kPositions * count * ldv);
      transformInput(tiles, first, count, x, k, v.get(), count * ldv, ldv, kernel.lanes);
      for (int64_t p = 0; p < panels; p++)
        work.multiply(first, count, v.get(), p, p + 1,
                      [&](int64_t, int i) { return u.get() + p * uSize + i * rowSize; });
    });
    return;
  }
  // Tiles are read once for two panels where that leaves enough to do for all threads.
  const int64_t together = panels >= 4 * threadCount() ? 2 : 1;
  for (int64_t first = 0; first < tiles.count(); first += kManyTiles) {
    const int64_t count = std::min(kManyTiles, tiles.count() - first);
    Scratch v(kPositions * count * ldv);
    parallelRanges(count, 4, [&](size_t begin, size_t end, int) {
      transformInput(tiles, first + begin, end - begin, x, k, v.get() + begin * ldv, count * ldv, ldv,
                     kernel.lanes);
    });
    parallel(static_cast<int>((panels + together - 1) / together), [&](int group) {
      const int64_t begin = group * together;
      Scratch u(together * rowSize);
      work.multiply(first, count, v.get(), begin, std::min(panels, begin + together), [&](int64_t p, int i) {
        float* to = u.get() + (p - begin) * rowSize;
        kernel.winogradFilter(work.taps(p), k, i, to);
        return to;
      });
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
  convolve(map, dilation, from, to, x, filter, false, epilogue, y);
}

void winogradInputGradient(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* dy,
                           const float* filter, float* dx) {
  convolve(map, dilation, to, from, dy, filter, true, {}, dx);
}

void winogradFilterGradient(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* x,
                            const float* dy, float* gradient) {
  const Kernels& kernel = kernels();
  const Tiles tiles(map, dilation);
  const size_t panel = kernel.panel, lanes = kernel.lanes, tap = from * panel;
  const int64_t panels = (to + panel - 1) / panel;
  const int64_t block = std::min<int64_t>(kManyTiles, tiles.count());
  const std::vector<int32_t> order = inOrder(block);
  // [panel][9][from][columns], a sum over all tiles.
  // Tiles as columns of products: [36][from / lanes][tile][lanes].
  Scratch sums(panelsSize(9, from, to)), v(kPositions * block * from);
  for (int64_t first = 0; first < tiles.count(); first += block) {
    const int64_t count = std::min(block, tiles.count() - first);
    parallelRanges(count, 4, [&](size_t begin, size_t end, int) {
      transformInput(tiles, first + begin, end - begin, x, from, v.get() + begin * lanes, count * from, lanes,
                     count * lanes);
    });
    parallel(static_cast<int>(panels), [&](int p) {
      const int64_t column = p * panel;
      const size_t columns = std::min<size_t>(panel, to - column);
      Scratch w(kPositions * count * panel), products(kSide * tap);
      float* taps = sums.get() + p * 9 * tap;
      if (first == 0) std::memset(taps, 0, 9 * tap * sizeof(float));
      int64_t offset[kTile * kTile];
      for (int64_t t = 0; t < count; t++) {
        tiles.offsets(first + t, kTile, 0, to, offset);
        kernel.winogradOutputGradient(dy + column, offset, columns, w.get() + t * panel, count * panel);
      }
      for (int i = 0; i < kSide; i++) {
        for (int j = 0; j < kSide; j++) {
          const int64_t position = kSide * i + j;
          for (size_t c = 0; c < static_cast<size_t>(from); c += lanes)
            kernel.gemmColumns(v.get() + (position * from + c) * count, order.data(), lanes, count,
                               w.get() + position * count * panel, products.get() + j * tap + c * panel, panel, false);
        }
        kernel.winogradFilterGradient(products.get(), from, i, taps);
      }
      if (first + count < tiles.count()) return;
      for (int64_t row = 0; row < 9 * from; row++)
        kernel.storeRow(taps + row * panel, columns, {}, gradient + row * to + column);
    });
  }
}
