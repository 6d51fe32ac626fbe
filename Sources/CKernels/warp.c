#include "warp.h"

// A 2x2 block moves as one, so that its four results need the same weights and 3x3 samples: three
// loads of one word each. Positions and weights are computed for a whole tile first, so that all
// arithmetic vectorises; only the loads are scalar.

struct positions {
    int32_t x[PACKET_TILE], y[PACKET_TILE];
    float fx[PACKET_TILE], fy[PACKET_TILE];
};

PERCEPT_INLINE void locate(const struct percept_samples *s, int x, int row, int count,
                           const float *dx, const float *dy, struct positions *p) {
    // Beyond one block outside the picture all samples are edge samples.
    const float right = (float)(s->width + 1), down = (float)(s->height + 1);
    for (int i = 0; i < count; i++) {
        float px = (float)(2 * (x + i)) + dx[i], py = (float)(2 * row) + dy[i];
        px = px > -3.0f ? px : -3.0f;  // also where dx is not a number
        py = py > -3.0f ? py : -3.0f;
        px = px < right ? px : right;
        py = py < down ? py : down;
        const int32_t ix = (int32_t)(px + 4.0f) - 4, iy = (int32_t)(py + 4.0f) - 4;
        p->x[i] = ix;
        p->y[i] = iy;
        p->fx[i] = px - (float)ix;
        p->fy[i] = py - (float)iy;
    }
}

PERCEPT_INLINE void blend(const float a[3], const float b[3], const float c[3], float fx, float fy,
                          float *top, float *bottom) {
    float rows[3][2];
    for (int k = 0; k < 2; k++) {
        rows[0][k] = a[k] + (a[k + 1] - a[k]) * fx;
        rows[1][k] = b[k] + (b[k + 1] - b[k]) * fx;
        rows[2][k] = c[k] + (c[k + 1] - c[k]) * fx;
    }
    for (int k = 0; k < 2; k++) {
        top[k] = rows[0][k] + (rows[1][k] - rows[0][k]) * fy;
        bottom[k] = rows[1][k] + (rows[2][k] - rows[1][k]) * fy;
    }
}

// Blocks at the edges, or all blocks of a plane too small for word loads: every sample clamped.
static void sample_clamped(const struct percept_samples *s, const struct positions *p, int i,
                           float *top, float *bottom) {
    float v[3][3];
    for (int r = 0; r < 3; r++) {
        const int y = clamp_int(p->y[i] + r, 0, s->height - 1);
        const char *line = (const char *)s->base + y * s->bytes_per_row;
        for (int c = 0; c < 3; c++) {
            const int x = clamp_int(p->x[i] + c, 0, s->width - 1);
            v[r][c] = s->bytes_per_sample == 1 ? (float)((const uint8_t *)line)[x]
                                               : (float)((const uint16_t *)line)[x];
        }
    }
    blend(v[0], v[1], v[2], p->fx[i], p->fy[i], top + 2 * i, bottom + 2 * i);
}

#define WARP_TILE(NAME, WORD, BITS, SPAN)                                                          \
    PERCEPT_CLONES static void NAME(const struct percept_samples *s, int x, int row, int count,    \
                                    const float *dx, const float *dy, float *top, float *bottom) { \
        struct positions p;                                                                        \
        WORD word[3][PACKET_TILE];                                                                 \
        uint8_t outside[PACKET_TILE];                                                              \
        locate(s, x, row, count, dx, dy, &p);                                                      \
        int clamped = 0;                                                                           \
        for (int i = 0; i < count; i++) {                                                          \
            const int out = (p.x[i] < 0) | (p.x[i] + SPAN > s->width);                             \
            outside[i] = (uint8_t)out;                                                             \
            clamped |= out;                                                                        \
        }                                                                                          \
        const ptrdiff_t size = s->bytes_per_sample;                                                \
        for (int i = 0; i < count; i++) {                                                          \
            const ptrdiff_t column = clamped && outside[i] ? 0 : p.x[i] * size;                    \
            for (int r = 0; r < 3; r++) {                                                          \
                const int y = clamp_int(p.y[i] + r, 0, s->height - 1);                             \
                memcpy(&word[r][i], (const char *)s->base + y * s->bytes_per_row + column,         \
                       sizeof(WORD));                                                              \
            }                                                                                      \
        }                                                                                          \
        const WORD mask = ((WORD)1 << BITS) - 1;                                                   \
        for (int i = 0; i < count; i++) {                                                          \
            float v[3][3];                                                                         \
            for (int r = 0; r < 3; r++)                                                            \
                for (int c = 0; c < 3; c++)                                                        \
                    v[r][c] = (float)(int32_t)((word[r][i] >> (c * BITS)) & mask);                 \
            float t[2], b[2];                                                                      \
            blend(v[0], v[1], v[2], p.fx[i], p.fy[i], t, b);                                       \
            top[2 * i] = t[0];                                                                     \
            top[2 * i + 1] = t[1];                                                                 \
            bottom[2 * i] = b[0];                                                                  \
            bottom[2 * i + 1] = b[1];                                                              \
        }                                                                                          \
        if (clamped)                                                                               \
            for (int i = 0; i < count; i++)                                                        \
                if (outside[i]) sample_clamped(s, &p, i, top, bottom);                             \
    }

// A word holds four samples, of which three are used.
WARP_TILE(warp_tile8, uint32_t, 8, 4)
WARP_TILE(warp_tile16, uint64_t, 16, 4)

void percept_warp_tile(const struct percept_samples *samples, int x, int row, int count,
                       const float *dx, const float *dy, float *top, float *bottom) {
    if (samples->width < 4) {
        struct positions p;
        locate(samples, x, row, count, dx, dy, &p);
        for (int i = 0; i < count; i++) sample_clamped(samples, &p, i, top, bottom);
    } else if (samples->bytes_per_sample == 1) {
        warp_tile8(samples, x, row, count, dx, dy, top, bottom);
    } else {
        warp_tile16(samples, x, row, count, dx, dy, top, bottom);
    }
}

// By cubic convolution a 2x2 block needs 5x5 samples: rows of eight are weighted downwards, then four results at once across.

typedef float v4f __attribute__((vector_size(16)));
typedef uint8_t v8b __attribute__((vector_size(8)));

struct taps {
    float across[4][PACKET_TILE], down[4][PACKET_TILE];
};

// Keys (1981), a = -1/2.
PERCEPT_INLINE void cubic_taps(const float *t, int count, float taps[][PACKET_TILE]) {
    for (int i = 0; i < count; i++) {
        const float t1 = t[i], t2 = t1 * t1, t3 = t2 * t1;
        taps[0][i] = -0.5f * t3 + t2 - 0.5f * t1;
        taps[1][i] = 1.5f * t3 - 2.5f * t2 + 1.0f;
        taps[2][i] = -1.5f * t3 + 2.0f * t2 + 0.5f * t1;
        taps[3][i] = 0.5f * t3 - 0.5f * t2;
    }
}

PERCEPT_INLINE void convolve(const v8f rows[5], const struct taps *taps, int i, float *top,
                             float *bottom) {
    v8f upper = rows[0] * taps->down[0][i], lower = rows[1] * taps->down[0][i];
    for (int r = 1; r < 4; r++) {
        upper += rows[r] * taps->down[r][i];
        lower += rows[r + 1] * taps->down[r][i];
    }
    const v4f sum = __builtin_shufflevector(upper, lower, 0, 1, 8, 9) * taps->across[0][i] +
                    __builtin_shufflevector(upper, lower, 1, 2, 9, 10) * taps->across[1][i] +
                    __builtin_shufflevector(upper, lower, 2, 3, 10, 11) * taps->across[2][i] +
                    __builtin_shufflevector(upper, lower, 3, 4, 11, 12) * taps->across[3][i];
    top[2 * i] = sum[0];
    top[2 * i + 1] = sum[1];
    bottom[2 * i] = sum[2];
    bottom[2 * i + 1] = sum[3];
}

#define CUBIC_TILE(NAME, SAMPLE, VECTOR)                                                           \
    PERCEPT_CLONES static void NAME(const struct percept_samples *s, int x, int row, int count,    \
                                    const float *dx, const float *dy, float *top, float *bottom) { \
        struct positions p;                                                                        \
        struct taps taps;                                                                          \
        locate(s, x, row, count, dx, dy, &p);                                                      \
        cubic_taps(p.fx, count, taps.across);                                                      \
        cubic_taps(p.fy, count, taps.down);                                                        \
        for (int i = 0; i < count; i++) {                                                          \
            const int left = p.x[i] - 1, inside = (left >= 0) & (left + 8 <= s->width);            \
            v8f rows[5];                                                                           \
            for (int r = 0; r < 5; r++) {                                                          \
                const int y = clamp_int(p.y[i] - 1 + r, 0, s->height - 1);                         \
                const SAMPLE *line =                                                               \
                    (const SAMPLE *)((const char *)s->base + y * s->bytes_per_row);                \
                VECTOR samples = {0};                                                              \
                if (inside)                                                                        \
                    memcpy(&samples, line + left, sizeof samples);                                 \
                else                                                                               \
                    for (int c = 0; c < 5; c++)                                                    \
                        samples[c] = line[clamp_int(left + c, 0, s->width - 1)];                   \
                rows[r] = __builtin_convertvector(samples, v8f);                                   \
            }                                                                                      \
            convolve(rows, &taps, i, top, bottom);                                                 \
        }                                                                                          \
    }

CUBIC_TILE(cubic_tile8, uint8_t, v8b)
CUBIC_TILE(cubic_tile16, uint16_t, v8u)

void percept_cubic_tile(const struct percept_samples *samples, int x, int row, int count,
                        const float *dx, const float *dy, float *top, float *bottom) {
    if (samples->bytes_per_sample == 1)
        cubic_tile8(samples, x, row, count, dx, dy, top, bottom);
    else
        cubic_tile16(samples, x, row, count, dx, dy, top, bottom);
}
