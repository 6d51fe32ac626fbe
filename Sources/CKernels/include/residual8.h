// A residual block, x + conv2(relu(conv1(x))), of two 3x3 convolutions in 8 bits.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Values an activation can take: 0 ... 127, so that sums and differences of two fit 8 bits.
enum { PERCEPT_RESIDUAL8_LARGEST = 127 };

/// Four positions of F(2, 3) down a column, and the three taps across it.
enum { PERCEPT_RESIDUAL8_POSITIONS = 4, PERCEPT_RESIDUAL8_TAPS = 3 };

/// One of the two convolutions. All pointers hold a number for each channel, except `weights`.
struct percept_convolution8 {
    /// Bytes in the order of `percept_residual8_weight`.
    const int8_t *weights;
    /// What the sums of each position start at: `[4, channels]`.
    const int32_t *starts;
    /// Makes a number of a sum: `sum * factor + offset`, rounded twice.
    const float *factor, *offset;
};

/// The block. Pictures are `[channels / 16, height, width, 16]`, in Float or bfloat16.
struct percept_residual8 {
    int height, width, blocks;
    int reads_float, writes_float;
    /// The activation of x: `x * scale + zero`, rounded to the nearest; `pad` is that of 0.
    const float *scale, *zero;
    const uint8_t *pad;
    struct percept_convolution8 first, second;
    /// Whether 8-bit dot products of the processor may be used; results are the same.
    int uses_vnni;
};

/// Whether this build and this processor have 8-bit dot products.
int percept_residual8_has_vnni(void);

/// Where the weight of a position, tap, output and input stands among those of `blocks` blocks of 16
/// channels.
ptrdiff_t percept_residual8_weight(int position, int tap, int output, int input, int blocks);

/// Bytes of working memory for `threads` threads.
size_t percept_residual8_scratch(const struct percept_residual8 *shape, int threads);

/// Computes the block into `y`, which is not `x`. Results do not depend on `threads`.
void percept_residual8_run(const struct percept_residual8 *shape, const void *x, void *y,
                           void *scratch, int threads);
