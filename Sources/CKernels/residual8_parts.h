// What the kernels of a residual block in 8 bits share: sizes, and where things stand.
#pragma once
#include "residual8.h"
#include "simd.h"

enum { BLOCK = 16, STRIP = 12, POSITIONS = PERCEPT_RESIDUAL8_POSITIONS };

/// Bytes of weights of one block of outputs and one of inputs for two positions.
enum { WEIGHTS = 2 * 4 * 3 * BLOCK * 4 };

/// Two positions whose weights stand side by side in memory.
enum { MIDDLE, OUTER };

/// One convolution of a strip in two rows: transformed samples of it and its neighbours
/// `[positions][blocks][STRIP + 2][16]` with the given distances in bytes, and what belongs to its
/// block of outputs.
struct strip8 {
    const uint8_t *samples;
    ptrdiff_t position, block;
    int blocks;
    const int8_t *weights;
    /// Where the sums of the positions start, `channels` apart.
    const int32_t *starts;
    ptrdiff_t channels;
    const float *factor, *offset;
};

/// Where a strip's sums are added to x: two rows of `count` samples, `line` elements apart.
struct result8 {
    const void *x;
    void *y;
    int reads_float, writes_float;
    ptrdiff_t at, line, count, rows;
};
