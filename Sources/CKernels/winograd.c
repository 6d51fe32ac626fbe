#include "winograd.h"

#include "parallel.h"
#include "winograd_tiles.h"

// F(2x2, 3x3): of a tile of 4x4 samples, and of the weights, sums are taken so that 16 products
// stand for the 36 of four results. Twelve tiles make a group: their sums for two blocks of
// results are 24 registers, and what a group computes stays in the caches of one core.
//
// - SeeAlso: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (arXiv:1509.09308).

enum { POSITIONS = 16, PAIR = 2 };

// MARK: - Weights

/// Where the weights of an output channel and position begin: pairs of blocks of outputs, in them
/// positions, in them pairs of inputs, in them outputs, side by side as the product reads them.
static ptrdiff_t weight_index(int output, int input, int position, int output_blocks,
                              int input_blocks) {
    const int block = output / BLOCK, first = block / PAIR * PAIR;
    const int width = output_blocks - first < PAIR ? 1 : PAIR;
    const ptrdiff_t inputs = (ptrdiff_t)input_blocks * BLOCK;
    return first * BLOCK * inputs * POSITIONS +
           ((position * inputs + input / 2 * 2) * width + (block - first) * 2) * BLOCK +
           output % BLOCK * 2 + input % 2;
}

void percept_winograd_weights(const float *weights, uint16_t *result, int outputs, int inputs) {
    const int output_blocks = (outputs + BLOCK - 1) / BLOCK;
    const int input_blocks = (inputs + BLOCK - 1) / BLOCK;
    memset(result, 0,
           (size_t)output_blocks * BLOCK * (size_t)input_blocks * BLOCK * POSITIONS * sizeof *result);
    for (int output = 0; output < outputs; output++) {
        for (int input = 0; input < inputs; input++) {
            const float *w = weights + ((ptrdiff_t)output * inputs + input) * 9;
            float half[4][3];
            for (int x = 0; x < 3; x++) {
                const float even = w[x] + w[6 + x];
                half[0][x] = w[x];
                half[1][x] = (even + w[3 + x]) * 0.5f;
                half[2][x] = (even - w[3 + x]) * 0.5f;
                half[3][x] = w[6 + x];
            }
            for (int y = 0; y < 4; y++) {
                const float even = half[y][0] + half[y][2];
                const float row[4] = {half[y][0], (even + half[y][1]) * 0.5f,
                                      (even - half[y][1]) * 0.5f, half[y][2]};
                for (int x = 0; x < 4; x++) {
                    uint32_t bits;
                    memcpy(&bits, &row[x], sizeof bits);
                    bits += 0x7fffu + ((bits >> 16) & 1u);
                    result[weight_index(output, input, y * 4 + x, output_blocks, input_blocks)] =
                        (uint16_t)(bits >> 16);
                }
            }
        }
    }
}

// MARK: - Pictures

void percept_winograd_append(struct percept_winograd *shape, enum percept_winograd_kind kind,
                             float value, const void *operand) {
    shape->posts[shape->post_count++] = (struct percept_winograd_post){kind, value, operand};
}

static ptrdiff_t group_bytes(const struct percept_winograd *shape) {
    const ptrdiff_t sources = (ptrdiff_t)POSITIONS * shape->source_blocks * TILES * BLOCK * 2;
    const ptrdiff_t products = (ptrdiff_t)PAIR * POSITIONS * TILES * BLOCK * 4;
    return sources + products;
}

size_t percept_winograd_scratch(const struct percept_winograd *shape, int threads) {
    return (size_t)(group_bytes(shape) * (threads > 0 ? threads : 1));
}

#if defined(__x86_64__)
int percept_winograd_exists(void) {
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512bf16");
}

struct run {
    const struct percept_winograd *shape;
    const uint16_t *x, *weights;
    const float *bias;
    void *y;
    char *scratch;
    int threads;
    /// Tiles of a row, of a picture, of all.
    ptrdiff_t across, picture, tiles;
};

/// The next run of tiles of a group that lies in one row.
struct span {
    ptrdiff_t first, count, picture, row, column;
};

INLINE struct span span_at(const struct run *r, ptrdiff_t tile, ptrdiff_t end) {
    struct span s = {tile, end - tile, tile / r->picture, 0, 0};
    const ptrdiff_t rest = tile % r->picture;
    s.row = rest / r->across;
    s.column = rest % r->across;
    if (s.count > r->across - s.column) s.count = r->across - s.column;
    return s;
}

TARGET static void transform_group(const struct run *r, ptrdiff_t first, ptrdiff_t end,
                                   uint16_t *v) {
    const struct percept_winograd *shape = r->shape;
    const ptrdiff_t stride = (ptrdiff_t)shape->source_blocks * TILES * BLOCK;
    const ptrdiff_t line = (ptrdiff_t)shape->width * BLOCK, area = line * shape->height;
    for (ptrdiff_t tile = first; tile < end;) {
        const struct span s = span_at(r, tile, end);
        const ptrdiff_t top = s.row * 2 - shape->top;
        for (int block = 0; block < shape->source_blocks; block++) {
            const uint16_t *picture = r->x + (s.picture * shape->source_blocks + block) * area;
            const uint16_t *rows[4];
            for (int k = 0; k < 4; k++) {
                const int inside = top + k >= 0 && top + k < shape->height;
                rows[k] = inside ? picture + (top + k) * line : NULL;
            }
            transform_run(rows, s.column * 2 - shape->left, shape->width, s.count,
                          v + (block * TILES + s.first - first) * BLOCK, stride);
        }
        tile += s.count;
    }
}

/// Products of one position: twelve tiles by one or two blocks of results; sums start at `bias`.
INLINE void multiply(const uint16_t *v, const uint16_t *u, const float *bias, float *m, int blocks,
                     const int width) {
    __m512 sum[TILES][PAIR];
    for (int o = 0; o < width; o++) {
        const __m512 start = bias ? _mm512_loadu_ps(bias + o * BLOCK) : _mm512_setzero_ps();
        for (int t = 0; t < TILES; t++) sum[t][o] = start;
    }
    for (int block = 0; block < blocks; block++) {
#pragma clang loop unroll(full)
        for (int pair = 0; pair < BLOCK / 2; pair++) {
            __m512bh w[PAIR];
            for (int o = 0; o < width; o++) {
                w[o] = (__m512bh)_mm512_loadu_si512(u + (pair * width + o) * 2 * BLOCK);
            }
            for (int t = 0; t < TILES; t++) {
                int32_t bits;
                memcpy(&bits, v + t * BLOCK + pair * 2, sizeof bits);
                const __m512bh a = (__m512bh)_mm512_set1_epi32(bits);
                for (int o = 0; o < width; o++) sum[t][o] = _mm512_dpbf16_ps(sum[t][o], w[o], a);
            }
        }
        v += TILES * BLOCK;
        u += width * BLOCK * BLOCK;
    }
    for (int t = 0; t < TILES; t++) {
        for (int o = 0; o < width; o++) {
            _mm512_storeu_ps(m + (o * POSITIONS * TILES + t) * BLOCK, sum[t][o]);
        }
    }
}

/// The position whose products count once in each of the four results of a tile.
enum { CENTRE = 5 };

TARGET static void multiply_group(const uint16_t *v, const uint16_t *u, const float *bias, float *m,
                                  int blocks, int width) {
    const ptrdiff_t stride = (ptrdiff_t)blocks * TILES * BLOCK;
    for (int position = 0; position < POSITIONS; position++) {
        const float *start = position == CENTRE ? bias : NULL;
        if (width == PAIR) {
            multiply(v, u, start, m, blocks, PAIR);
        } else {
            multiply(v, u, start, m, blocks, 1);
        }
        v += stride;
        u += (ptrdiff_t)blocks * BLOCK * BLOCK * width;
        m += TILES * BLOCK;
    }
}

/// Turns the products of a group for block `block` of the result into samples.
TARGET static void finish_group(const struct run *r, ptrdiff_t first, ptrdiff_t end,
                                const float *m, int block) {
    const struct percept_winograd *shape = r->shape;
    const ptrdiff_t line = (ptrdiff_t)shape->result_width * BLOCK;
    const ptrdiff_t area = line * shape->result_height;
    for (ptrdiff_t tile = first; tile < end;) {
        const struct span s = span_at(r, tile, end);
        ptrdiff_t at = (s.picture * shape->result_blocks + block) * area + s.row * 2 * line +
                       s.column * 2 * BLOCK;
        const int second_row = s.row * 2 + 1 < shape->result_height;
        for (ptrdiff_t t = 0; t < s.count; t++, at += 2 * BLOCK) {
            const float *p = m + (tile - first + t) * BLOCK;
            __m512 upper[4], lower[4];
            for (int x = 0; x < 4; x++) {
                const __m512 m0 = _mm512_loadu_ps(p + x * TILES * BLOCK);
                const __m512 m1 = _mm512_loadu_ps(p + (4 + x) * TILES * BLOCK);
                const __m512 m2 = _mm512_loadu_ps(p + (8 + x) * TILES * BLOCK);
                const __m512 m3 = _mm512_loadu_ps(p + (12 + x) * TILES * BLOCK);
                upper[x] = m0 + (m1 + m2);
                lower[x] = (m1 - m2) - m3;
            }
            const int both = (s.column + t) * 2 + 1 < shape->result_width;
            finish(shape, r->y, at, upper[0] + (upper[1] + upper[2]),
                   (upper[1] - upper[2]) - upper[3], both);
            if (second_row) {
                finish(shape, r->y, at + line, lower[0] + (lower[1] + lower[2]),
                       (lower[1] - lower[2]) - lower[3], both);
            }
        }
        tile += s.count;
    }
}

/// Shares of the groups, one for each thread.
TARGET static void run_shares(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct run *r = context;
    const struct percept_winograd *shape = r->shape;
    const ptrdiff_t groups = (r->tiles + TILES - 1) / TILES;
    for (ptrdiff_t share = begin; share < end; share++) {
        uint16_t *v = (uint16_t *)(r->scratch + share * group_bytes(shape));
        float *m = (float *)(v + (ptrdiff_t)POSITIONS * shape->source_blocks * TILES * BLOCK);
        const ptrdiff_t last = groups * (share + 1) / r->threads;
        for (ptrdiff_t group = groups * share / r->threads; group < last; group++) {
            const ptrdiff_t from = group * TILES;
            const ptrdiff_t to = from + TILES < r->tiles ? from + TILES : r->tiles;
            transform_group(r, from, to, v);
            for (int block = 0; block < shape->result_blocks; block += PAIR) {
                const int width = block + PAIR <= shape->result_blocks ? PAIR : 1;
                const uint16_t *u = r->weights + (ptrdiff_t)block * BLOCK * BLOCK * POSITIONS *
                                                     shape->source_blocks;
                multiply_group(v, u, r->bias ? r->bias + block * BLOCK : NULL, m,
                               shape->source_blocks, width);
                for (int o = 0; o < width; o++) {
                    finish_group(r, from, to, m + o * POSITIONS * TILES * BLOCK, block + o);
                }
            }
        }
    }
}

void percept_winograd_run(const struct percept_winograd *shape, const uint16_t *x,
                          const uint16_t *weights, const float *bias, void *y, void *scratch,
                          int threads) {
    struct run r = {shape, x, weights, bias, y, scratch, threads > 0 ? threads : 1, 0, 0, 0};
    r.across = (shape->result_width + 1) / 2;
    r.picture = r.across * ((shape->result_height + 1) / 2);
    r.tiles = r.picture * shape->batch;
    percept_parallel_for(r.threads, 1, r.threads, run_shares, &r);
}

#else

int percept_winograd_exists(void) { return 0; }

void percept_winograd_run(const struct percept_winograd *shape, const uint16_t *x,
                          const uint16_t *weights, const float *bias, void *y, void *scratch,
                          int threads) {
    (void)shape, (void)x, (void)weights, (void)bias, (void)y, (void)scratch, (void)threads;
}

#endif
