// Pictures of float planes: maps that treat rows and columns apart, and reading along a flow.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// A sparse matrix: row `i` of the result adds `weight[k] * x[source[k]]` for `k` from `start[i]`
/// up to `start[i + 1]`.
struct percept_taps {
    int count;
    const int32_t *start, *source;
    const float *weight;
};

/// The widest plane that `percept_map_planes` reads: a row of it lies on the stack.
enum { PERCEPT_WIDEST_PLANE = 65536 };

/// Resizes, pads, crops or pools planes: `y = rows * x * columns'` for each of `planes` planes of
/// `width` columns, contiguous. Results do not depend on `threads` (0: the pool's own number).
void percept_map_planes(const float *x, float *y, ptrdiff_t planes, int height, int width,
                        const struct percept_taps *rows, const struct percept_taps *columns,
                        int threads);

/// Reads pictures `[batch, channels, height, width]` where a flow `[batch, 2, rows, columns]` in
/// samples points, x before y, bilinearly; outside lie zeros or, with `replicate`, the edge.
void percept_warp_planes(const float *x, const float *flow, float *y, ptrdiff_t batch,
                         ptrdiff_t channels, int height, int width, int rows, int columns,
                         int replicate, int threads);

/// Gives the cotangents `[batch, channels, rows, columns]` of a warp back to the pictures that it
/// read. Results do not depend on `threads`, here and below.
void percept_warp_backward_picture(const float *cotangent, const float *flow, float *result,
                                   ptrdiff_t batch, ptrdiff_t channels, int height, int width,
                                   int rows, int columns, int replicate, int threads);

/// The gradient `[batch, 2, rows, columns]` of a warp by its flow.
void percept_warp_backward_flow(const float *cotangent, const float *x, const float *flow,
                                float *result, ptrdiff_t batch, ptrdiff_t channels, int height,
                                int width, int rows, int columns, int replicate, int threads);
