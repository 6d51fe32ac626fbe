#include "elementwise.h"

#include "parallel.h"
#include "simd.h"

enum { LANES = 16, BLOCK = PERCEPT_LINE_BLOCK };

struct programme {
    const struct percept_line *lines;
    int line_count;
    const float *const *inputs;
    int input_count;
    ptrdiff_t count, blocks;
    double *partial;
};

// Vectors by hand: where a result replaces an input a compiler suspects that iterations depend on each other.
#define EACH(VECTOR, SCALAR)                                   \
    do {                                                       \
        ptrdiff_t i = 0;                                       \
        for (; i + LANES <= n; i += LANES) store16f(y + i, VECTOR); \
        for (; i < n; i++) y[i] = SCALAR;                      \
    } while (0)

PERCEPT_INLINE v16f rectified(v16f x, v16f sign, float slope) {
    const v16i passes = sign > 0;
    return (v16f)((passes & (v16i)x) | (~passes & (v16i)(x * slope)));
}

PERCEPT_INLINE double block_sum(const float *a, ptrdiff_t n) {
    v16f part = {0};
    ptrdiff_t i = 0;
    for (; i + LANES <= n; i += LANES) part += load16f(a + i);
    double sum = 0;
    for (int l = 0; l < LANES; l++) sum += part[l];
    for (; i < n; i++) sum += a[i];
    return sum;
}

PERCEPT_INLINE void run_line(const struct percept_line *line, const float *a, const float *b,
                             float *y, ptrdiff_t n) {
    const float scale = line->scale, offset = line->offset;
    switch (line->kind) {
    case PERCEPT_LINE_ADD: EACH(load16f(a + i) + load16f(b + i), a[i] + b[i]); break;
    case PERCEPT_LINE_SUBTRACT: EACH(load16f(a + i) - load16f(b + i), a[i] - b[i]); break;
    case PERCEPT_LINE_MULTIPLY: EACH(load16f(a + i) * load16f(b + i), a[i] * b[i]); break;
    case PERCEPT_LINE_AFFINE: EACH(load16f(a + i) * scale + offset, a[i] * scale + offset); break;
    case PERCEPT_LINE_TIMES: {
        const float factor = *b;
        EACH(load16f(a + i) * factor, a[i] * factor);
        break;
    }
    case PERCEPT_LINE_RECTIFY:
        EACH(rectified(load16f(a + i), load16f(a + i), scale), a[i] > 0 ? a[i] : scale * a[i]);
        break;
    case PERCEPT_LINE_RECTIFY_GRADIENT:
        EACH(rectified(load16f(a + i), load16f(b + i), scale), b[i] > 0 ? a[i] : scale * a[i]);
        break;
    }
}

PERCEPT_CLONES static void run_blocks(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct programme *p = context;
    _Alignas(64) float room[PERCEPT_LINE_LIMIT][BLOCK];
    for (ptrdiff_t block = begin; block < end; block++) {
        const ptrdiff_t first = block * BLOCK;
        const ptrdiff_t n = first + BLOCK < p->count ? BLOCK : p->count - first;
        const float *values[PERCEPT_LINE_VALUES];
        for (int i = 0; i < p->input_count; i++) values[i] = p->inputs[i] + first;
        double *partial = p->partial + block;
        for (int l = 0; l < p->line_count; l++) {
            const struct percept_line *line = p->lines + l;
            const float *a = values[line->a];
            if (line->kind == PERCEPT_LINE_SUM) {
                *partial = block_sum(a, n);
                partial += p->blocks;
                values[p->input_count + l] = a;
                continue;
            }
            // A single number stands at the beginning of its input.
            const float *b =
                line->kind == PERCEPT_LINE_TIMES ? p->inputs[line->b] : values[line->b];
            float *y = line->result ? line->result + first : room[l];
            run_line(line, a, b, y, n);
            values[p->input_count + l] = y;
        }
    }
}

void percept_run_lines(const struct percept_line *lines, int line_count, const float *const *inputs,
                       int input_count, ptrdiff_t count, double *partial, int threads) {
    const ptrdiff_t blocks = (count + BLOCK - 1) / BLOCK;
    struct programme programme = {lines, line_count, inputs, input_count, count, blocks, partial};
    // About as much work as a thread's start costs.
    percept_parallel_for(blocks, 32 / line_count + 1, threads, run_blocks, &programme);
    for (int l = 0; l < line_count; l++) {
        if (lines[l].kind != PERCEPT_LINE_SUM) continue;
        double sum = 0;
        for (ptrdiff_t block = 0; block < blocks; block++) sum += partial[block];
        *lines[l].sum = (float)(sum * lines[l].scale);
        partial += blocks;
    }
}
