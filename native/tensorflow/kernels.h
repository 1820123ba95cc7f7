// Inner loops, compiled once for every level of vector instructions; the best one the processor has is chosen at run time.
// What each does is said where it is defined: sgd in kernels.inl, products in gemm.inl, the
// others in the file of their name or in maps.inl.
#pragma once

#include <cstddef>
#include <cstdint>

struct SgdOptions {
  float lr;
  float momentum;
  float weightDecay;
};

// Windows over one image. Those that reach beyond it see less.
struct PoolShape {
  int64_t h, w, channels, size, stride, padding, outH, outW;
};

// What follows a convolution: y = relu(scale * conv + shift + added), each part if it is there.
struct Epilogue {
  const float* scale = nullptr;  // by channel
  const float* shift = nullptr;  // by channel
  const float* added = nullptr;  // like y
  bool relu = false;

  // Of the channels from `column` on; the addition stays where it is.
  Epilogue from(int64_t column) const {
    return {scale ? scale + column : nullptr, shift ? shift + column : nullptr, added, relu};
  }
};

struct Kernels {
  // Floats in a vector. Channels of Winograd convolutions are a multiple of it.
  size_t lanes;
  // Columns of a panel of a matrix product, two vectors.
  size_t panel;
  void (*sgd)(float* weight, const float* gradient, float* velocity, size_t count, const SgdOptions& options);

  void (*gemmRows)(const float* const* rows, const int32_t* at, size_t m, size_t k, const float* b, float* c,
                   size_t ldc, bool accumulate);
  void (*gemmColumns)(const float* a, const int32_t* at, size_t m, size_t k, const float* b, float* c, size_t ldc,
                      bool accumulate);
  void (*packColumns)(const float* const* rows, size_t first, size_t count, size_t k, float* to);
  void (*packPanel)(const float* b, size_t ld, size_t k, size_t columns, float* to);
  void (*packPanelTransposed)(const float* b, size_t ld, size_t k, size_t columns, float* to);
  void (*storeRow)(const float* from, size_t columns, const Epilogue& epilogue, float* y);

  void (*winogradInput)(const float* x, const int64_t* offset, size_t channels, float* v, size_t step,
                        size_t vectorStep);
  void (*winogradOutputGradient)(const float* dy, const int64_t* offset, size_t columns, float* w, size_t step);
  void (*winogradOutput)(const float* m, size_t step, size_t columns, float* y, const int64_t* offset,
                         const Epilogue& epilogue);
  void (*winogradFilter)(const float* taps, size_t k, int row, float* u);
  void (*winogradFilterGradient)(const float* p, size_t k, int row, float* taps);

  void (*normSums)(const float* x, size_t rows, size_t channels, const float* pivot, double* sum, double* squares);
  void (*normApply)(const float* x, size_t rows, size_t channels, const float* mean, const float* scale,
                    const float* shift, const float* added, bool relu, float* y);
  void (*normGradientSums)(const float* dy, const float* y, const float* x, size_t rows, size_t channels,
                           const float* mean, double* sumG, double* sumGX);
  void (*normGradientApply)(const float* dy, const float* y, const float* x, size_t rows, size_t channels,
                            const float* mean, const float* a, const float* b, const float* c, float* dx,
                            float* dAdded);

  int32_t (*crossEntropy)(const float* logits, const int32_t* labels, size_t rows, size_t classes, float* loss);
  void (*crossEntropyGradient)(const float* logits, const int32_t* labels, const float* dy, size_t rows,
                               size_t classes, float* d);
  void (*klRows)(const float* student, const float* teacher, size_t rows, size_t classes, float inverseTemperature,
                 float* kl);
  void (*klRowsGradient)(const float* student, const float* teacher, const float* dy, size_t rows, size_t classes,
                         float inverseTemperature, float* d);

  void (*maxPoolRow)(const float* x, const PoolShape& shape, int64_t oy, float* y);
  void (*maxPoolGradient)(const float* dy, const float* x, const float* y, const PoolShape& shape, int64_t begin,
                          int64_t end, float* dx);
  void (*combine)(const float* x, size_t stride, const int32_t* index, const float* weight, size_t count,
                  size_t length, float* out);
  void (*blend)(float* target, const float* value, size_t count, float share);
};

const Kernels& kernels();
