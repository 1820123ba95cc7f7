// Everything kernels.inl needs from outside. Included before instructions beyond the baseline are switched on, so that no
// function of the standard library is compiled with them and then called on a processor that lacks them.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "kernels.h"
