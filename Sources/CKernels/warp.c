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
