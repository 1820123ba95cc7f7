#include "kernels.h"

#if defined(__x86_64__) && defined(__GNUC__)
const Kernels& kernelsAvx512();
const Kernels& kernelsAvx2();
#endif
const Kernels& kernelsBaseline();

const Kernels& kernels() {
  static const Kernels& chosen = []() -> const Kernels& {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
      return kernelsAvx512();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernelsAvx2();
#endif
    return kernelsBaseline();
  }();
  return chosen;
}
