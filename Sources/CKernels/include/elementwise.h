// Several functions of single elements at once: values are read from memory once and written once.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// What one line of a programme computes from the values a and b.
enum percept_line_kind {
    PERCEPT_LINE_ADD,
    PERCEPT_LINE_SUBTRACT,
    PERCEPT_LINE_MULTIPLY,
    /// scale * a + offset.
    PERCEPT_LINE_AFFINE,
    /// a times the single number b.
    PERCEPT_LINE_TIMES,
    /// a > 0 ? a : scale * a.
    PERCEPT_LINE_RECTIFY,
    /// b > 0 ? a : scale * a.
    PERCEPT_LINE_RECTIFY_GRADIENT,
    /// Yields no value: scale times the sum of a goes to `sum`.
    PERCEPT_LINE_SUM,
};

/// A line of a programme. Values are numbered: first what is read from memory, then the lines' results.
struct percept_line {
    int32_t kind, a, b;
    float scale, offset;
    /// Where the result is written, whole; NULL where only later lines read it.
    float *result;
    /// Where a sum is written.
    float *sum;
};

enum { PERCEPT_LINE_LIMIT = 16, PERCEPT_LINE_VALUES = 40, PERCEPT_LINE_BLOCK = 512 };

/// Runs a programme on `count` elements of `inputs`. A result may stand where an input does that no later line reads.
/// `partial` holds a double for each block of `PERCEPT_LINE_BLOCK` elements and each line that sums. Does not depend on
/// `threads`.
void percept_run_lines(const struct percept_line *lines, int line_count, const float *const *inputs,
                       int input_count, ptrdiff_t count, double *partial, int threads);
