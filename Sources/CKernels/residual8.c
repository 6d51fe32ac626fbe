#include "residual8.h"

#include "parallel.h"
#include "residual8_plain.h"
#include "residual8_vnni.h"

// Both convolutions go down a share of the picture two rows at a time. Of what they read, the rows in
// use stay in the caches of one core: four of activations of x, eight of what is between them.
// Down the columns they take F(2, 3): of four samples, four sums stand for the six products of two
// results. Activations have 7 bits, so that sums and differences keep all of theirs in 8.
//
// - SeeAlso: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks (arXiv:1509.09308).

enum { TILE = 4 * STRIP, X_ROWS = 4, MIDDLE_ROWS = 8, LINE = 64 };

ptrdiff_t percept_residual8_weight(int position, int tap, int output, int input, int blocks) {
    const int pair = position == 1 || position == 2 ? MIDDLE : OUTER;
    const int second = position == 2 || position == 3;
    const ptrdiff_t of_output = output / BLOCK * 2 + pair;
    return ((of_output * blocks + input / BLOCK) * 4 + input % BLOCK / 4) * (WEIGHTS / 4) +
           (second * 3 + tap) * (BLOCK * 4) + output % BLOCK * 4 + input % 4;
}

int percept_residual8_has_vnni(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vnni");
#else
    return 0;
#endif
}

// MARK: - Rows

/// Bytes of a row of one block: whole strips with a neighbour on each side, and room to read on.
static ptrdiff_t row_bytes(const struct percept_residual8 *shape) {
    const ptrdiff_t strips = (shape->width + STRIP - 1) / STRIP;
    return ((strips * STRIP + 2) * BLOCK + LINE - 1) / LINE * LINE + LINE;
}

/// Distances within a tile of transformed samples.
enum { TILE_BLOCK = ((TILE + 2) * BLOCK + LINE - 1) / LINE * LINE };

static ptrdiff_t share_bytes(const struct percept_residual8 *shape) {
    return (X_ROWS + MIDDLE_ROWS) * shape->blocks * row_bytes(shape) +
           (ptrdiff_t)POSITIONS * shape->blocks * TILE_BLOCK;
}

size_t percept_residual8_scratch(const struct percept_residual8 *shape, int threads) {
    return (size_t)(share_bytes(shape) * (threads > 0 ? threads : 1));
}

struct share {
    const struct percept_residual8 *shape;
    const void *x;
    void *y;
    uint8_t *x_rows, *middle_rows, *tile;
    ptrdiff_t row, block, area;
};

/// The activations of a row, all blocks of it; rows are used in turn.
PERCEPT_INLINE uint8_t *x_row(const struct share *s, ptrdiff_t y) {
    return s->x_rows + (y & (X_ROWS - 1)) * s->row;
}
PERCEPT_INLINE uint8_t *middle_row(const struct share *s, ptrdiff_t y) {
    return s->middle_rows + (y & (MIDDLE_ROWS - 1)) * s->row;
}

/// Makes the activations of row `y` of x.
static void quantise_row(const struct share *s, ptrdiff_t y) {
    const struct percept_residual8 *shape = s->shape;
    const ptrdiff_t width = shape->width;
    for (int block = 0; block < shape->blocks; block++) {
        uint8_t *row = x_row(s, y) + block * s->block;
        uint8_t *target = row + BLOCK;
        const uint8_t *pad = shape->pad + block * BLOCK;
        memcpy(row, pad, BLOCK);
        if (y >= 0 && y < shape->height) {
            const ptrdiff_t at = block * s->area + y * width * BLOCK;
            const float *scale = shape->scale + block * BLOCK, *zero = shape->zero + block * BLOCK;
            if (USES_VNNI(shape)) {
                quantise_vnni(s->x, at, shape->reads_float, scale, zero, target, width);
            } else {
                quantise_plain(s->x, at, shape->reads_float, scale, zero, target, width);
            }
            target += width * BLOCK;
        }
        for (; target < row + s->block; target += BLOCK) memcpy(target, pad, BLOCK);
    }
}

/// Transforms columns `x` ... of the four rows that two results look at.
PERCEPT_CLONES static void transform(const struct share *s, const uint8_t *const *rows,
                                     ptrdiff_t x) {
    typedef uint8_t v64b __attribute__((vector_size(64)));
    const ptrdiff_t position = (ptrdiff_t)s->shape->blocks * TILE_BLOCK;
    for (int block = 0; block < s->shape->blocks; block++) {
        uint8_t *t = s->tile + block * TILE_BLOCK;
        const ptrdiff_t from = block * s->block + x * BLOCK;
        const ptrdiff_t count =
            s->block - x * BLOCK < TILE_BLOCK ? s->block - x * BLOCK : TILE_BLOCK;
        for (ptrdiff_t at = 0; at < count; at += LINE) {
            v64b d[4];
            for (int k = 0; k < 4; k++) memcpy(&d[k], rows[k] + from + at, sizeof d[k]);
            // Differences are moved by 128 to where no bit is a sign.
            const v64b r[4] = {(d[0] - d[2]) ^ 128, d[1] + d[2], (d[2] - d[1]) ^ 128,
                               (d[1] - d[3]) ^ 128};
            for (int p = 0; p < 4; p++) memcpy(t + p * position + at, &r[p], sizeof r[p]);
        }
    }
}

// MARK: - The block

/// Computes a strip of two rows: of the middle, or of the result.
static void convolve_strip(const struct share *s, const struct strip8 *strip, int is_first,
                           int block, ptrdiff_t x, ptrdiff_t y) {
    const struct percept_residual8 *shape = s->shape;
    if (is_first) {
        uint8_t *targets[2];
        for (int r = 0; r < 2; r++) {
            targets[r] = middle_row(s, y + r) + block * s->block + (x + 1) * BLOCK;
        }
        if (USES_VNNI(shape)) {
            middle_vnni(strip, targets);
        } else {
            middle_plain(strip, targets);
        }
        return;
    }
    struct result8 target = {s->x, s->y, shape->reads_float, shape->writes_float, 0, 0, 0, 0};
    target.line = (ptrdiff_t)shape->width * BLOCK;
    target.at = block * s->area + y * target.line + x * BLOCK;
    target.count = shape->width - x < STRIP ? shape->width - x : STRIP;
    target.rows = shape->height - y < 2 ? 1 : 2;
    if (USES_VNNI(shape)) {
        result_vnni(strip, &target);
    } else {
        result_plain(strip, &target);
    }
}

/// Asks for a strip of the two rows of x that are looked at next, which are new to the caches (8 % of
/// the time at 16 channels).
static void fetch_strip(const struct share *s, int block, ptrdiff_t x, ptrdiff_t y) {
    const struct percept_residual8 *shape = s->shape;
    const ptrdiff_t size = shape->reads_float ? sizeof(float) : sizeof(uint16_t);
    const ptrdiff_t line = (ptrdiff_t)shape->width * BLOCK;
    for (ptrdiff_t r = y; r < y + 2 && r < shape->height; r++) {
        const char *p = (const char *)s->x + (block * s->area + r * line + x * BLOCK) * size;
        for (ptrdiff_t at = 0; at < STRIP * BLOCK * size; at += LINE) __builtin_prefetch(p + at);
    }
}

/// Computes two rows, of the middle or of the result, from the four rows that they look at.
static void convolve_rows(const struct share *s, const uint8_t *const *rows, int is_first,
                          ptrdiff_t y) {
    const struct percept_residual8 *shape = s->shape;
    const struct percept_convolution8 *c = is_first ? &shape->first : &shape->second;
    const int blocks = shape->blocks;
    struct strip8 strip = {.position = (ptrdiff_t)blocks * TILE_BLOCK,
                           .block = TILE_BLOCK,
                           .blocks = blocks,
                           .channels = (ptrdiff_t)blocks * BLOCK};
    for (ptrdiff_t x = 0; x < shape->width; x += TILE) {
        transform(s, rows, x);
        for (int block = 0; block < blocks; block++) {
            strip.weights = c->weights + (ptrdiff_t)block * 2 * blocks * WEIGHTS;
            strip.starts = c->starts + block * BLOCK;
            strip.factor = c->factor + block * BLOCK;
            strip.offset = c->offset + block * BLOCK;
            for (ptrdiff_t i = 0; i < TILE && x + i < shape->width; i += STRIP) {
                strip.samples = s->tile + i * BLOCK;
                if (is_first) fetch_strip(s, block, x + i, y + 3);
                convolve_strip(s, &strip, is_first, block, x + i, y);
            }
        }
    }
}

/// Zeros beside the picture in a row between the convolutions, or all along it.
static void pad_middle(const struct share *s, ptrdiff_t y, int is_whole) {
    for (int block = 0; block < s->shape->blocks; block++) {
        uint8_t *row = middle_row(s, y) + block * s->block;
        const ptrdiff_t from = is_whole ? 0 : ((ptrdiff_t)s->shape->width + 1) * BLOCK;
        memset(row, 0, BLOCK);
        memset(row + from, 0, (size_t)(s->block - from));
    }
}

/// Computes rows 2 * `pair` and the next between the convolutions.
static void compute_middle(const struct share *s, ptrdiff_t pair, ptrdiff_t *quantised) {
    const ptrdiff_t y = 2 * pair, height = s->shape->height;
    if (y >= 0 && y < height) {
        for (; *quantised <= y + 2; ++*quantised) quantise_row(s, *quantised);
        const uint8_t *rows[4];
        for (int k = 0; k < 4; k++) rows[k] = x_row(s, y - 1 + k);
        convolve_rows(s, rows, 1, y);
    }
    for (int r = 0; r < 2; r++) pad_middle(s, y + r, y + r < 0 || y + r >= height);
}

struct run {
    const struct percept_residual8 *shape;
    const void *x;
    void *y;
    uint8_t *scratch;
    ptrdiff_t threads;
};

/// Shares of the pairs of rows, one for each thread.
static void run_shares(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct run *r = context;
    const struct percept_residual8 *shape = r->shape;
    const ptrdiff_t pairs = (shape->height + 1) / 2, block = row_bytes(shape);
    for (ptrdiff_t index = begin; index < end; index++) {
        struct share s = {shape, r->x, r->y, NULL, NULL, NULL, block * shape->blocks, block, 0};
        s.area = (ptrdiff_t)shape->height * shape->width * BLOCK;
        s.x_rows = r->scratch + index * share_bytes(shape);
        s.middle_rows = s.x_rows + X_ROWS * s.row;
        s.tile = s.middle_rows + MIDDLE_ROWS * s.row;
        const ptrdiff_t first = pairs * index / r->threads, last = pairs * (index + 1) / r->threads;
        if (first == last) continue;
        ptrdiff_t quantised = first > 0 ? 2 * first - 3 : -1;
        compute_middle(&s, first - 1, &quantised);
        compute_middle(&s, first, &quantised);
        for (ptrdiff_t pair = first; pair < last; pair++) {
            compute_middle(&s, pair + 1, &quantised);
            const uint8_t *rows[4];
            for (int k = 0; k < 4; k++) rows[k] = middle_row(&s, 2 * pair - 1 + k);
            convolve_rows(&s, rows, 0, 2 * pair);
        }
    }
}

void percept_residual8_run(const struct percept_residual8 *shape, const void *x, void *y,
                           void *scratch, int threads) {
    struct run r = {shape, x, y, scratch, threads > 0 ? threads : 1};
    percept_parallel_for(r.threads, 1, (int)r.threads, run_shares, &r);
}
