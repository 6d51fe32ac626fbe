#include "sums.h"

#include "parallel.h"
#include "simd.h"

enum { LANES = 16, CHUNK = 64 };

struct sums {
    const float *x;
    float *result;
    ptrdiff_t extent, inner, columns;
    double scale;
};

/// The sums of `width` columns side by side.
PERCEPT_INLINE void sum_columns(const struct sums *s, const float *x, float *result, int width) {
    double total[LANES] = {0};
    for (ptrdiff_t first = 0; first < s->extent; first += CHUNK) {
        const ptrdiff_t last = first + CHUNK < s->extent ? first + CHUNK : s->extent;
        float part[LANES] = {0};
        for (ptrdiff_t e = first; e < last; e++) {
            for (int l = 0; l < width; l++) part[l] += x[e * s->inner + l];
        }
        for (int l = 0; l < width; l++) total[l] += part[l];
    }
    for (int l = 0; l < width; l++) result[l] = (float)(total[l] * s->scale);
}

/// The sum of a row, where numbers to be summed lie side by side.
PERCEPT_INLINE float sum_row(const struct sums *s, const float *x) {
    double total[LANES] = {0}, sum = 0;
    const ptrdiff_t whole = s->extent - s->extent % LANES;
    for (ptrdiff_t first = 0; first < whole; first += CHUNK * LANES) {
        const ptrdiff_t last = first + CHUNK * LANES < whole ? first + CHUNK * LANES : whole;
        float part[LANES] = {0};
        for (ptrdiff_t e = first; e < last; e += LANES) {
            for (int l = 0; l < LANES; l++) part[l] += x[e + l];
        }
        for (int l = 0; l < LANES; l++) total[l] += part[l];
    }
    for (int l = 0; l < LANES; l++) sum += total[l];
    for (ptrdiff_t e = whole; e < s->extent; e++) sum += x[e];
    return (float)(sum * s->scale);
}

PERCEPT_CLONES static void sum_rows_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct sums *s = context;
    for (ptrdiff_t row = begin; row < end; row++) {
        s->result[row] = sum_row(s, s->x + row * s->extent);
    }
}

PERCEPT_CLONES static void sum_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct sums *s = context;
    for (ptrdiff_t item = begin; item < end; item++) {
        const ptrdiff_t outer = item / s->columns, column = item % s->columns * LANES;
        const float *x = s->x + outer * s->extent * s->inner + column;
        float *result = s->result + outer * s->inner + column;
        if (column + LANES <= s->inner) {
            sum_columns(s, x, result, LANES);
        } else {
            sum_columns(s, x, result, (int)(s->inner - column));
        }
    }
}

void percept_sum_middle(const float *x, float *result, ptrdiff_t outer, ptrdiff_t extent,
                        ptrdiff_t inner, double scale, int threads) {
    const ptrdiff_t columns = (inner + LANES - 1) / LANES;
    struct sums sums = {x, result, extent, inner, columns, scale};
    if (inner == 1) {
        percept_parallel_for(outer, 65536 / (extent + 1) + 1, threads, sum_rows_range, &sums);
        return;
    }
    percept_parallel_for(outer * columns, 4096 / (extent * LANES + 1) + 1, threads, sum_range,
                         &sums);
}
