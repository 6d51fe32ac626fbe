// Orthonormal Haar wavelet packets of float planes, one level or two levels in one pass.
#pragma once
#include <stddef.h>

/// `x` is `[batch, channels, height, width]`, contiguous; `y` receives
/// `[batch, 4 * channels, height / 2, width / 2]`, all LL first, then HL, LH, HH. Sizes are even.
void percept_haar(const float *x, float *y, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t height,
                  ptrdiff_t width, int threads);

/// Undoes `percept_haar`; the sizes are those of the result `x`.
void percept_haar_inverse(const float *y, float *x, ptrdiff_t batch, ptrdiff_t channels,
                          ptrdiff_t height, ptrdiff_t width, int threads);

/// Two levels at once: `y` receives `[batch, 16 * channels, height / 4, width / 4]`, channel
/// `(second * 4 + first) * channels + c`. Sizes are multiples of 4.
void percept_haar2(const float *x, float *y, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t height,
                   ptrdiff_t width, int threads);

/// Undoes `percept_haar2`; the sizes are those of the result `x`.
void percept_haar2_inverse(const float *y, float *x, ptrdiff_t batch, ptrdiff_t channels,
                           ptrdiff_t height, ptrdiff_t width, int threads);
