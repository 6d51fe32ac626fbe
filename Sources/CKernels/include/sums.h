#pragma once
#include <stddef.h>

/// `result[o, i] = scale * sum over e of x[o, e, i]` of `[outer, extent, inner]` floats. Sums of 64 are made in floats, the
/// rest in doubles. Does not depend on `threads`.
void percept_sum_middle(const float *x, float *result, ptrdiff_t outer, ptrdiff_t extent,
                        ptrdiff_t inner, double scale, int threads);
