// Filters as matrix products take them.
#pragma once

#include <cstddef>
#include <cstdint>

// Floats of `taps` matrices of k x n in panels.
size_t panelsSize(int64_t taps, int64_t k, int64_t n);

// Filters [taps][k][n] in panels, [panel][tap][k][columns]. `backward`: of the input's gradient, from filters
// [taps][n][k], turned by 180 degrees, with inputs and outputs exchanged.
void packFilters(const float* filter, int64_t taps, int64_t k, int64_t n, bool backward, float* packed);
