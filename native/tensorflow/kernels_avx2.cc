#if defined(__x86_64__) && defined(__GNUC__)
#include "kernel_includes.h"
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx2,fma")
#endif
#define LEVEL Avx2
#define LANES 8
#include "kernels.inl"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
