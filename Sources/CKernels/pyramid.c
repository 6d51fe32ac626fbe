#include "parallel.h"
#include "search.h"
#include "simd.h"

enum { PAD = PERCEPT_LEVEL_PADDING };

struct reduction {
    const struct percept_samples *luma;
    int shift;
    const struct percept_level *fine, *coarse;
};

// Repeats the edges of rows [begin, end), and of the first and last row into the padding.
static void pad_rows(const struct percept_level *level, int begin, int end) {
    for (int y = begin; y < end; y++) {
        int16_t *row = level->base + y * level->stride;
        for (int i = 1; i <= PAD; i++) {
            row[-i] = row[0];
            row[level->width - 1 + i] = row[level->width - 1];
        }
        const size_t bytes = (size_t)(level->width + 2 * PAD) * sizeof *row;
        if (y == 0)
            for (int i = 1; i <= PAD; i++)
                memcpy(row - i * level->stride - PAD, row - PAD, bytes);
        if (y == level->height - 1)
            for (int i = 1; i <= PAD; i++)
                memcpy(row + i * level->stride - PAD, row - PAD, bytes);
    }
}

PERCEPT_INLINE void sum_bytes(const uint8_t *a, const uint8_t *b, int16_t *out, int count) {
    for (int i = 0; i < count; i++)
        out[i] = (int16_t)(a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1]);
}

PERCEPT_INLINE void sum_words(const uint16_t *a, const uint16_t *b, int shift, int16_t *out,
                              int count) {
    for (int i = 0; i < count; i++)
        out[i] = (int16_t)((a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1]) >> shift);
}

PERCEPT_CLONES static void luma_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct reduction *job = context;
    const struct percept_samples *s = job->luma;
    const struct percept_level *level = job->coarse;
    for (int y = (int)begin; y < (int)end; y++) {
        const char *a = (const char *)s->base + 2 * y * s->bytes_per_row;
        const char *b = 2 * y + 1 < s->height ? a + s->bytes_per_row : a;
        int16_t *out = level->base + y * level->stride;
        const int pairs = s->width / 2;
        if (s->bytes_per_sample == 1) {
            sum_bytes((const uint8_t *)a, (const uint8_t *)b, out, pairs);
            if (s->width & 1)
                out[pairs] = (int16_t)(2 * (((const uint8_t *)a)[s->width - 1] +
                                            ((const uint8_t *)b)[s->width - 1]));
        } else {
            sum_words((const uint16_t *)a, (const uint16_t *)b, job->shift, out, pairs);
            if (s->width & 1)
                out[pairs] = (int16_t)((2 * (((const uint16_t *)a)[s->width - 1] +
                                             ((const uint16_t *)b)[s->width - 1])) >>
                                       job->shift);
        }
    }
    pad_rows(level, (int)begin, (int)end);
}

PERCEPT_CLONES static void halve_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct reduction *job = context;
    const struct percept_level *fine = job->fine, *coarse = job->coarse;
    for (int y = (int)begin; y < (int)end; y++) {
        // The padding supplies the second row and column of an odd size.
        const int16_t *a = fine->base + 2 * y * fine->stride, *b = a + fine->stride;
        int16_t *out = coarse->base + y * coarse->stride;
        for (int i = 0; i < coarse->width; i++)
            out[i] = (int16_t)((a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1] + 2) >> 2);
    }
    pad_rows(coarse, (int)begin, (int)end);
}

void percept_level_from_luma(const struct percept_samples *luma, int depth,
                             const struct percept_level *level, int threads) {
    struct reduction job = {luma, depth > 8 ? depth - 8 : 0, 0, level};
    percept_parallel_for(level->height, 64, threads, luma_rows, &job);
}

void percept_level_halve(const struct percept_level *fine, const struct percept_level *coarse,
                         int threads) {
    struct reduction job = {0, 0, fine, coarse};
    percept_parallel_for(coarse->height, 64, threads, halve_rows, &job);
}

PERCEPT_CLONES float percept_level_statistics(const struct percept_level *level,
                                              uint32_t histogram[64]) {
    memset(histogram, 0, 64 * sizeof *histogram);
    for (int y = 0; y < level->height; y++) {
        const int16_t *row = level->base + y * level->stride;
        for (int x = 0; x < level->width; x++) histogram[row[x] >> 4 & 63]++;
    }
    double total = 0;
    for (int y = 0; y + 8 <= level->height; y += 8)
        for (int x = 0; x + 8 <= level->width; x += 8) {
            int32_t sum = 0, squares = 0;
            for (int r = 0; r < 8; r++) {
                const int16_t *row = level->base + (y + r) * level->stride + x;
                for (int c = 0; c < 8; c++) {
                    sum += row[c];
                    squares += row[c] * row[c];
                }
            }
            total += (double)squares / 64 - (double)sum * (double)sum / 4096;
        }
    const int blocks = (level->width / 8) * (level->height / 8);
    return blocks > 0 ? (float)(total / blocks / 16) : 0;
}
