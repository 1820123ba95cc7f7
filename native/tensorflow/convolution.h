// Convolutions on the CPU: 3x3 ones of stride 1 whose padding equals their dilation by Winograd's minimal filtering, all
// others directly. Maps are [N,H,W,C], filters [kernel,kernel,from,to].
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels.h"

struct Map {
  int64_t n, h, w;
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

// Any convolution with a square kernel.
struct Direct {
  Map map;
  int64_t from, to, kernel, stride, dilation, padding, outH, outW;
};

void direct(const Direct& shape, const float* x, const float* filter, const Epilogue& epilogue, float* y);
// Of stride 1 only.
void directInputGradient(const Direct& shape, const float* dy, const float* filter, float* dx);
void directFilterGradient(const Direct& shape, const float* x, const float* dy, float* gradient);
