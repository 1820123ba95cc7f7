#include "kernel_includes.h"
#define LEVEL Baseline
#define LANES 4
#include "kernels.inl"
