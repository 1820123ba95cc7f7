// Short vectors of floats. Included by kernels.inl once per level, with LANES set; GCC and Clang compile the arithmetic to
// whatever instructions the level allows.
#pragma once

#include <cstring>

#if defined(__GNUC__)
typedef float Floats __attribute__((vector_size(LANES * 4)));
typedef int Ints __attribute__((vector_size(LANES * 4)));
#else
#error "the kernels need GCC or Clang"
#endif

static inline Floats load(const float* from) {
  Floats v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

static inline void store(float* to, Floats v) { std::memcpy(to, &v, sizeof v); }

static inline Floats all(float value) { return Floats{} + value; }

static inline Floats larger(Floats a, Floats b) { return a > b ? a : b; }

static inline float total(Floats v) {
  float sum = 0;
  for (int i = 0; i < LANES; i++) sum += v[i];
  return sum;
}
