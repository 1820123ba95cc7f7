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

// All values of a vector joined by `join`, half with half: the shortest chain.
template <typename Join>
static inline float folded(Floats v, const Join& join) {
  typedef float Half __attribute__((vector_size(LANES * 2)));
  Half low, high;
  std::memcpy(&low, &v, sizeof low);
  std::memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
  low = join(low, high);
  float values[LANES / 2];
  std::memcpy(values, &low, sizeof low);
#pragma GCC unroll 4
  for (int half = LANES / 4; half > 0; half /= 2)
#pragma GCC unroll 4
    for (int i = 0; i < half; i++) values[i] = join(values[i], values[i + half]);
  return values[0];
}
