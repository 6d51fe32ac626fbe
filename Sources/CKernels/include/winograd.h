// Convolution by Winograd's F(2x2, 3x3) on bfloat16 pictures in blocks of 16 channels.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What happens to a sum before it is written, in order.
enum percept_winograd_kind {
    PERCEPT_WINOGRAD_RELU, PERCEPT_WINOGRAD_SCALE, PERCEPT_WINOGRAD_ADD, PERCEPT_WINOGRAD_SILU
};

/// A rectifier of slope `value` below zero, a factor `value`, or the addition of `operand`, which
/// has the result's type and order and may be the result.
struct percept_winograd_post {
    enum percept_winograd_kind kind;
    float value;
    const void *operand;
};

enum { PERCEPT_WINOGRAD_POSTS = 4 };

/// A 3x3 convolution of stride 1. Pictures are `[batch, channels / 16, height, width, 16]`.
struct percept_winograd {
    int batch, height, width;
    /// Sizes of the result, and the zeros above and left of the source.
    int result_height, result_width, top, left;
    /// Blocks of 16 channels.
    int source_blocks, result_blocks;
    /// Whether the result is Float rather than bfloat16.
    int writes_float;
    int post_count;
    struct percept_winograd_post posts[PERCEPT_WINOGRAD_POSTS];
};

/// Appends what happens next to the sums.
void percept_winograd_append(struct percept_winograd *shape, enum percept_winograd_kind kind,
                             float value, const void *operand);

/// Whether this build and this processor have the kernel.
int percept_winograd_exists(void);

/// Bytes of working memory for `threads` threads.
size_t percept_winograd_scratch(const struct percept_winograd *shape, int threads);

/// Transforms weights `[outputs, inputs, 3, 3]` into `result`: 16 numbers for each output and input,
/// both rounded up to whole blocks; zeros stand for channels that do not exist.
void percept_winograd_weights(const float *weights, uint16_t *result, int outputs, int inputs);

/// Convolves `x`; `bias` has a number for each channel of the result's blocks, or is NULL. Results
/// do not depend on `threads`. `scratch` is aligned to 64 bytes.
void percept_winograd_run(const struct percept_winograd *shape, const uint16_t *x,
                          const uint16_t *weights, const float *bias, void *y, void *scratch,
                          int threads);
