#include "packets.h"

#include "haar.h"
#include "parallel.h"

struct transform {
    const float *source;
    float *target;
    ptrdiff_t channels, height, width;  // of the full-resolution side
};

// Columns of the coarsest level handled at a time by the two-level kernels: their scratch rows stay
// in the first-level cache.
enum { TILE = 128 };

// Rows of output that are worth a thread.
static ptrdiff_t grain(ptrdiff_t width) { return width > 0 ? 65536 / width + 1 : 1; }

PERCEPT_CLONES static void split_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct transform *t = context;
    const ptrdiff_t h = t->height / 2, w = t->width / 2, size = h * w, band = t->channels * size;
    for (ptrdiff_t item = begin; item < end; item++) {
        const ptrdiff_t plane = item / h, row = item % h;
        const ptrdiff_t batch = plane / t->channels, channel = plane % t->channels;
        const float *top = t->source + (plane * t->height + 2 * row) * t->width;
        float *y = t->target + batch * 4 * band + channel * size + row * w;
        haar_split_rows(top, top + t->width, y, y + band, y + 2 * band, y + 3 * band, w);
    }
}

PERCEPT_CLONES static void join_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct transform *t = context;
    const ptrdiff_t h = t->height / 2, w = t->width / 2, size = h * w, band = t->channels * size;
    for (ptrdiff_t item = begin; item < end; item++) {
        const ptrdiff_t plane = item / h, row = item % h;
        const ptrdiff_t batch = plane / t->channels, channel = plane % t->channels;
        const float *y = t->source + batch * 4 * band + channel * size + row * w;
        float *top = t->target + (plane * t->height + 2 * row) * t->width;
        haar_join_rows(y, y + band, y + 2 * band, y + 3 * band, top, top + t->width, w);
    }
}

PERCEPT_CLONES static void split2_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct transform *t = context;
    const ptrdiff_t h = t->height / 4, w = t->width / 4, size = h * w, band = t->channels * size;
    float first[2][4][2 * TILE] __attribute__((aligned(64)));
    for (ptrdiff_t item = begin; item < end; item++) {
        const ptrdiff_t plane = item / h, row = item % h;
        const ptrdiff_t batch = plane / t->channels, channel = plane % t->channels;
        const float *rows = t->source + (plane * t->height + 4 * row) * t->width;
        float *y = t->target + batch * 16 * band + channel * size + row * w;
        for (ptrdiff_t x = 0; x < w; x += TILE) {
            const ptrdiff_t n = w - x < TILE ? w - x : TILE;
            for (int pair = 0; pair < 2; pair++) {
                const float *top = rows + 2 * pair * t->width + 4 * x;
                haar_split_rows(top, top + t->width, first[pair][0], first[pair][1], first[pair][2],
                                first[pair][3], 2 * n);
            }
            for (int s = 0; s < 4; s++) {
                float *out = y + s * band + x;
                haar_split_rows(first[0][s], first[1][s], out, out + 4 * band, out + 8 * band,
                                out + 12 * band, n);
            }
        }
    }
}

PERCEPT_CLONES static void join2_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct transform *t = context;
    const ptrdiff_t h = t->height / 4, w = t->width / 4, size = h * w, band = t->channels * size;
    float first[2][4][2 * TILE] __attribute__((aligned(64)));
    for (ptrdiff_t item = begin; item < end; item++) {
        const ptrdiff_t plane = item / h, row = item % h;
        const ptrdiff_t batch = plane / t->channels, channel = plane % t->channels;
        const float *y = t->source + batch * 16 * band + channel * size + row * w;
        float *rows = t->target + (plane * t->height + 4 * row) * t->width;
        for (ptrdiff_t x = 0; x < w; x += TILE) {
            const ptrdiff_t n = w - x < TILE ? w - x : TILE;
            for (int s = 0; s < 4; s++) {
                const float *in = y + s * band + x;
                haar_join_rows(in, in + 4 * band, in + 8 * band, in + 12 * band, first[0][s],
                               first[1][s], n);
            }
            for (int pair = 0; pair < 2; pair++) {
                float *top = rows + 2 * pair * t->width + 4 * x;
                haar_join_rows(first[pair][0], first[pair][1], first[pair][2], first[pair][3], top,
                               top + t->width, 2 * n);
            }
        }
    }
}

void percept_haar(const float *x, float *y, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t height,
                  ptrdiff_t width, int threads) {
    struct transform t = {x, y, channels, height, width};
    percept_parallel_for(batch * channels * (height / 2), grain(2 * width), threads, split_range, &t);
}

void percept_haar_inverse(const float *y, float *x, ptrdiff_t batch, ptrdiff_t channels,
                          ptrdiff_t height, ptrdiff_t width, int threads) {
    struct transform t = {y, x, channels, height, width};
    percept_parallel_for(batch * channels * (height / 2), grain(2 * width), threads, join_range, &t);
}

void percept_haar2(const float *x, float *y, ptrdiff_t batch, ptrdiff_t channels, ptrdiff_t height,
                   ptrdiff_t width, int threads) {
    struct transform t = {x, y, channels, height, width};
    percept_parallel_for(batch * channels * (height / 4), grain(4 * width), threads, split2_range,
                         &t);
}

void percept_haar2_inverse(const float *y, float *x, ptrdiff_t batch, ptrdiff_t channels,
                           ptrdiff_t height, ptrdiff_t width, int threads) {
    struct transform t = {y, x, channels, height, width};
    percept_parallel_for(batch * channels * (height / 4), grain(4 * width), threads, join2_range, &t);
}
