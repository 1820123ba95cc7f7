// 3x3 convolutions of stride 1 whose padding equals their dilation, and 1x1 convolutions, on the CPU. Maps are [N,H,W,C],
// filters [3,3,from,to] or [from,to].
#pragma once

#include <cstddef>
#include <cstdint>

struct Map {
  int64_t n, h, w;
};

// What follows a convolution: y = relu(scale * conv + shift + added), each part if it is there.
struct Epilogue {
  const float* scale = nullptr;  // [to]
  const float* shift = nullptr;  // [to]
  const float* added = nullptr;  // like y
  bool relu = false;
};

// Whether the Winograd versions can be used, and are worth it for maps of this size.
bool winogradFits(const Map& map, int64_t dilation, int64_t from, int64_t to);

void winograd(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* x, const float* filter,
              const Epilogue& epilogue, float* y);
// dx [N,H,W,from] of dy [N,H,W,to].
void winogradInputGradient(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* dy,
                           const float* filter, float* dx);
void winogradFilterGradient(const Map& map, int64_t dilation, int64_t from, int64_t to, const float* x,
                            const float* dy, float* gradient);
