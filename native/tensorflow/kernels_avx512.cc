#if defined(__x86_64__) && defined(__GNUC__)
#include "kernel_includes.h"
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx512dq,avx2,fma,prefer-vector-width=512"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx512dq,avx2,fma,prefer-vector-width=512")
#endif
#define LEVEL Avx512
#define LANES 16
#include "kernels.inl"
#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
