// What batch norm computes of each channel of a picture, and of each of its elements.
#pragma once
#include <stddef.h>

/// A picture `[batch, channels, area]` of floats: row-major (`block` 1), or with blocks of 8 or 16 channels
/// side by side, the last one filled up. What fills up is written as zeros.
struct percept_channels {
    ptrdiff_t batch, channels, area;
    int block;
};

/// Mean and biased variance of each channel: `moments[2 * channels]`. Does not depend on `threads`.
void percept_channel_moments(const struct percept_channels *shape, const float *x, float *moments,
                             int threads);

/// For each channel the sum of `dy` times normalised `x`, and the sum of `dy`: `sums[2 * channels]`. Does not
/// depend on `threads`.
void percept_batch_norm_sums(const struct percept_channels *shape, const float *dy, const float *x,
                             const float *moments, float epsilon, float *sums, int threads);

/// `y = (x - mean) / deviation * scale + shift`; `y` may be `x`.
void percept_batch_normalise(const struct percept_channels *shape, const float *x,
                             const float *moments, const float *scale, const float *shift,
                             float epsilon, float *y, int threads);

/// The cotangent of `x`, from that of `y` and the sums above; `dx` may be `dy`.
void percept_batch_norm_gradient(const struct percept_channels *shape, const float *dy,
                                 const float *x, const float *moments, const float *scale,
                                 const float *sums, float epsilon, float *dx, int threads);
