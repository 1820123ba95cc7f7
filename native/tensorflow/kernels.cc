#include "kernels.h"

#include <cstdlib>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
const Kernels& kernelsAvx512();
const Kernels& kernelsAvx2();

// DISTILL_VECTORS names the best level that may be chosen, avx2 or baseline: for tests.
static bool mayUse(const char* level) {
  const char* best = std::getenv("DISTILL_VECTORS");
  return !best || std::strcmp(best, level) == 0 || std::strcmp(best, "avx512") == 0;
}
#endif
const Kernels& kernelsBaseline();

const Kernels& kernels() {
  static const Kernels& chosen = []() -> const Kernels& {
#if defined(__x86_64__) && defined(__GNUC__)
    __builtin_cpu_init();
    if (mayUse("avx512") && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512dq"))
      return kernelsAvx512();
    if (mayUse("avx2") && __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return kernelsAvx2();
#endif
    return kernelsBaseline();
  }();
  return chosen;
}
