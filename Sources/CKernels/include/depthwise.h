#pragma once
#include <stddef.h>
#include <stdint.h>

/// 3x3 convolution of each channel by itself, of pictures whose channels lie in blocks of 8 or 16.
struct percept_depthwise {
    int64_t batch, blocks;
    int32_t block;
    int32_t height, width;
    int32_t result_height, result_width;
    /// 1 or 2; rows and columns of zeros in front, 0 or 1.
    int32_t stride, top, left;
};

/// Weights of all blocks as the kernel multiplies with them: of each block nine times `block` numbers.
void percept_depthwise_weights(const struct percept_depthwise *shape, const float *weights,
                               float *packed, ptrdiff_t channels);

/// SiLU of the convolution. `bias` has a number for each channel of all blocks, or is NULL. Channels that fill up a
/// block become 0 where their bias is.
void percept_depthwise_silu(const struct percept_depthwise *shape, const float *x,
                            const float *packed, const float *bias, float *y, int threads);
