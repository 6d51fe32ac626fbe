// Functions of single elements that oneDNN lacks, on floats in any order of memory. None of them depends
// on `threads`, and each result may take the place of its first argument.
#pragma once
#include <stddef.h>

/// `result[i]` is 1 for positive, -1 for negative `x[i]`, else 0.
void percept_sign(const float *x, float *result, ptrdiff_t count, int threads);

/// The error function, whose error is at most 5e-7.
void percept_error_function(const float *x, float *result, ptrdiff_t count, int threads);

/// `result[i] = lower <= x[i] <= upper ? cotangent[i] : 0`.
void percept_clamp_gradient(const float *cotangent, const float *x, float *result, ptrdiff_t count,
                            float lower, float upper, int threads);

/// The cotangent times the slope of `x * sigmoid(x)`, whose error is at most 4e-7 of the cotangent.
void percept_silu_gradient(const float *cotangent, const float *x, float *result, ptrdiff_t count,
                           int threads);

/// Zeros `[outer, extent, inner]` with 1 at `positions[outer, inner]` along the middle axis.
void percept_one_hot(const float *positions, float *result, ptrdiff_t outer, ptrdiff_t extent,
                     ptrdiff_t inner, int threads);
