// The kernels of a residual block in 8 bits in plain C, for processors without 8-bit dot products.
#pragma once
#include <math.h>

#include "residual8_parts.h"

struct sums8 {
    int32_t row[2][STRIP][BLOCK];
};

// MARK: - Products

PERCEPT_INLINE void products_plain(const struct strip8 *s, int pair, struct sums8 *sums) {
    static const int positions[2][2] = {{1, 2}, {0, 3}};
    const int8_t *w = s->weights + (ptrdiff_t)pair * s->blocks * WEIGHTS;
    for (int quad = 0; quad < 4 * s->blocks; quad++) {
        for (int p = 0; p < 2; p++) {
            const uint8_t *a = s->samples + positions[pair][p] * s->position +
                               quad / 4 * s->block + quad % 4 * 4;
            for (int tap = 0; tap < 3; tap++, w += BLOCK * 4) {
                for (int x = 0; x < STRIP; x++) {
                    const uint8_t *v = a + (x + tap) * BLOCK;
                    for (int o = 0; o < BLOCK; o++) {
                        sums->row[p][x][o] += v[0] * w[o * 4] + v[1] * w[o * 4 + 1] +
                                              v[2] * w[o * 4 + 2] + v[3] * w[o * 4 + 3];
                    }
                }
            }
        }
    }
}

/// F(2, 3) down the columns: the sums of the outer positions start at what the middle ones leave.
PERCEPT_INLINE void multiply_plain(const struct strip8 *s, struct sums8 *sums) {
    for (int x = 0; x < STRIP; x++) {
        for (int r = 0; r < 2; r++) {
            memcpy(sums->row[r][x], s->starts + (1 + r) * s->channels, sizeof sums->row[r][x]);
        }
    }
    products_plain(s, MIDDLE, sums);
    for (int x = 0; x < STRIP; x++) {
        for (int o = 0; o < BLOCK; o++) {
            const int32_t a = sums->row[0][x][o], b = sums->row[1][x][o];
            sums->row[0][x][o] = a + b + s->starts[o];
            sums->row[1][x][o] = a - b + s->starts[3 * s->channels + o];
        }
    }
    products_plain(s, OUTER, sums);
}

// MARK: - Samples

/// The nearest of 0 ... 127; NaN becomes 0.
PERCEPT_INLINE uint8_t activation(float v) {
    v = v > 0 ? v : 0;
    v = v < PERCEPT_RESIDUAL8_LARGEST ? v : PERCEPT_RESIDUAL8_LARGEST;
    // Added to 2^23 a Float has no fraction left.
    v += 8388608.0f;
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return (uint8_t)bits;
}

PERCEPT_INLINE float read_sample(const void *p, ptrdiff_t at, int is_float) {
    if (is_float) return ((const float *)p)[at];
    const uint32_t bits = (uint32_t)((const uint16_t *)p)[at] << 16;
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

PERCEPT_INLINE void write_sample(void *p, ptrdiff_t at, float v, int is_float) {
    if (is_float) {
        ((float *)p)[at] = v;
    } else {
        uint32_t bits;
        memcpy(&bits, &v, sizeof bits);
        ((uint16_t *)p)[at] = (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
    }
}

// MARK: - Kernels

/// Activations of `count` positions of one block of x.
PERCEPT_CLONES static void quantise_plain(const void *x, ptrdiff_t at, int is_float,
                                          const float *scale, const float *zero, uint8_t *target,
                                          ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count * BLOCK; i++) {
        const float v = read_sample(x, at + i, is_float);
        target[i] = activation(fmaf(v, scale[i % BLOCK], zero[i % BLOCK]));
    }
}

/// Activations of a strip after the first convolution, in two rows.
PERCEPT_CLONES static void middle_plain(const struct strip8 *s, uint8_t *const *targets) {
    struct sums8 sums;
    multiply_plain(s, &sums);
    for (int r = 0; r < 2; r++) {
        for (int i = 0; i < STRIP * BLOCK; i++) {
            const int o = i % BLOCK;
            const float sum = (float)sums.row[r][i / BLOCK][o];
            targets[r][i] = activation(fmaf(sum, s->factor[o], s->offset[o]));
        }
    }
}

/// x plus the second convolution.
PERCEPT_CLONES static void result_plain(const struct strip8 *s, const struct result8 *t) {
    struct sums8 sums;
    multiply_plain(s, &sums);
    for (ptrdiff_t r = 0; r < t->rows; r++) {
        for (ptrdiff_t i = 0; i < t->count * BLOCK; i++) {
            const ptrdiff_t o = i % BLOCK, at = t->at + r * t->line + i;
            const float sum = (float)sums.row[r][i / BLOCK][o];
            const float branch = fmaf(sum, s->factor[o], s->offset[o]);
            write_sample(t->y, at, read_sample(t->x, at, t->reads_float) + branch,
                         t->writes_float);
        }
    }
}
