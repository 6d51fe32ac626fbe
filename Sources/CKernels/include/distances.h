// How far rows of numbers lie from each other, pair by pair, and the largest of many scores.
#pragma once
#include <stddef.h>

/// What is summed over the columns of a query q and a key k.
enum percept_distance {
    /// q k
    PERCEPT_DOT,
    /// (q - k)^2
    PERCEPT_SQUARES,
    /// |q - k|
    PERCEPT_MANHATTAN,
    /// 1 where q and k differ
    PERCEPT_HAMMING,
    /// m log m, for m half the sum of q and k, both at least 0
    PERCEPT_MIXTURE_ENTROPY,
};

/// `result[r, j]` is the sum over all columns for query `r` and key `j`: queries `[rows, width]`, keys `[count, width]`.
/// Does not depend on `threads` (0: the pool's own number).
void percept_distances(enum percept_distance kind, const float *queries, ptrdiff_t rows,
                       const float *keys, ptrdiff_t count, ptrdiff_t width, float *result,
                       int threads);

/// The `wanted` largest of `scale * scores[j] + offsets[j]` (no offsets where NULL), at most `count`, the largest
/// first and the earlier first where they are equal: values and positions. What is not a number is left out; the
/// result is how many were found.
ptrdiff_t percept_largest(const float *scores, const float *offsets, float scale, ptrdiff_t count,
                          ptrdiff_t wanted, float *values, ptrdiff_t *positions);

/// The same for each of `rows` sets of scores that lie side by side, `scores[j * stride + r]`: values and positions are
/// `[rows, wanted]`, how many were found `[rows]`. Does not depend on `threads` (0: the pool's own number).
void percept_largest_columns(const float *scores, ptrdiff_t stride, ptrdiff_t rows,
                             const float *offsets, float scale, ptrdiff_t count, ptrdiff_t wanted,
                             float *values, ptrdiff_t *positions, ptrdiff_t *found, int threads);

/// `rows` columns of a matrix `[count, stride]` as rows: `to[r, j]` is `from[j * stride + r]`.
void percept_columns(const float *from, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t count,
                     float *to, int threads);
