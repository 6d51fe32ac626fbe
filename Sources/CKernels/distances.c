#include "distances.h"

#include "parallel.h"
#include "simd.h"

// Keys in blocks that stay in the nearest cache while all queries pass; four queries times three keys at a time, whose
// sums are as many as sixteen registers hold beside what is loaded.
enum { LANES = 8, TALL = 4, WIDE = 3, BLOCK = 6, LINE = 16, SUMS = 4 };

struct distances {
    enum percept_distance kind;
    const float *queries, *keys;
    ptrdiff_t rows, count, width;
    float *result;
};

typedef int32_t v8i __attribute__((vector_size(32)));
typedef uint32_t v8u32 __attribute__((vector_size(32)));

/// Natural logarithm of what is at least FLT_MIN: exponent, and a polynomial for mantissas near 1 (Cephes' logf).
PERCEPT_INLINE v8f log8f(v8f x) {
    v8i bits = (v8i)x;
    v8i exponent = (bits >> 23) - 126;
    v8f m = (v8f)((bits & 0x007fffff) | 0x3f000000);
    const v8i is_low = m < 0.707106781186547524f;
    exponent += is_low;
    m = m + (v8f)((v8i)m & is_low) - 1.0f;
    const v8f z = m * m, e = __builtin_convertvector(exponent, v8f);
    v8f y = m * 7.0376836292e-2f - 1.1514610310e-1f;
    y = y * m + 1.1676998740e-1f;
    y = y * m - 1.2420140846e-1f;
    y = y * m + 1.4249322787e-1f;
    y = y * m - 1.6668057665e-1f;
    y = y * m + 2.0000714765e-1f;
    y = y * m - 2.4999993993e-1f;
    y = y * m + 3.3333331174e-1f;
    y = y * m * z + e * -2.12194440e-4f - 0.5f * z;
    return m + y + e * 0.693359375f;
}

/// A sum with what one column adds: products in one expression, so that they are multiplied and added at once.
PERCEPT_INLINE v8f added(enum percept_distance kind, v8f sum, v8f q, v8f k) {
    switch (kind) {
    case PERCEPT_DOT: return sum + q * k;
    case PERCEPT_SQUARES: return sum + (q - k) * (q - k);
    case PERCEPT_MANHATTAN: return sum + (v8f)((v8u32)(q - k) & 0x7fffffffu);
    case PERCEPT_HAMMING: return sum + (v8f)((v8i)(q != k) & 0x3f800000);
    case PERCEPT_MIXTURE_ENTROPY: {
        // 0 log 0 is 0: the product with the least logarithm that there is.
        const v8f m = 0.5f * (q + k), least = (v8f){} + 1.17549435e-38f;
        const v8i is_small = m < least;
        return sum + m * log8f((v8f)(((v8i)m & ~is_small) | ((v8i)least & is_small)));
    }
    }
}

PERCEPT_INLINE float total8f(v8f x) {
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

PERCEPT_INLINE v8f part8f(const float *p, ptrdiff_t count) {
    v8f v = {};
    memcpy(&v, p, (size_t)count * sizeof(float));
    return v;
}

/// `tall` queries times `wide` keys, both constants.
PERCEPT_INLINE void tile(const struct distances *d, enum percept_distance kind, ptrdiff_t row,
                         ptrdiff_t key, int tall, int wide) {
    v8f sums[TALL][WIDE] = {};
    const float *q = d->queries + row * d->width, *k = d->keys + key * d->width;
    const ptrdiff_t whole = d->width - d->width % LANES, rest = d->width - whole;
    for (ptrdiff_t i = 0; i < whole; i += LANES) {
        v8f b[WIDE];
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++) b[w] = load8f(k + w * d->width + i);
#pragma clang loop unroll(full)
        for (int t = 0; t < tall; t++) {
            const v8f a = load8f(q + t * d->width + i);
#pragma clang loop unroll(full)
            for (int w = 0; w < wide; w++) sums[t][w] = added(kind, sums[t][w], a, b[w]);
        }
    }
#pragma clang loop unroll(full)
    for (int t = 0; t < tall; t++) {
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++) {
            if (rest > 0) {
                sums[t][w] =
                    added(kind, sums[t][w], part8f(q + t * d->width + whole, rest),
                          part8f(k + w * d->width + whole, rest));
            }
            d->result[(row + t) * d->count + key + w] = total8f(sums[t][w]);
        }
    }
}

/// One query and one key. That waits for memory alone: keys come in one stream, which processors fetch ahead of by
/// themselves, and several sums are added to in turn, so that none of them waits for itself.
PERCEPT_INLINE void stream(const struct distances *d, enum percept_distance kind, ptrdiff_t row,
                           ptrdiff_t key) {
    v8f sums[SUMS] = {};
    const float *q = d->queries + row * d->width, *k = d->keys + key * d->width;
    ptrdiff_t i = 0;
    for (; i + SUMS * LANES <= d->width; i += SUMS * LANES) {
#pragma clang loop unroll(full)
        for (int s = 0; s < SUMS; s++) {
            sums[s] = added(kind, sums[s], load8f(q + i + s * LANES), load8f(k + i + s * LANES));
        }
    }
    for (; i + LANES <= d->width; i += LANES) {
        sums[0] = added(kind, sums[0], load8f(q + i), load8f(k + i));
    }
    if (i < d->width) {
        const ptrdiff_t rest = d->width - i;
        sums[1] = added(kind, sums[1], part8f(q + i, rest), part8f(k + i, rest));
    }
    d->result[row * d->count + key] = total8f((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

PERCEPT_INLINE void pairs(const struct distances *d, enum percept_distance kind, ptrdiff_t begin,
                          ptrdiff_t end) {
    ptrdiff_t row = 0;
    for (; row + TALL <= d->rows; row += TALL) {
        ptrdiff_t key = begin;
        for (; key + WIDE <= end; key += WIDE) tile(d, kind, row, key, TALL, WIDE);
        for (; key < end; key++) tile(d, kind, row, key, TALL, 1);
    }
    for (; row < d->rows; row++) {
        ptrdiff_t key = begin;
        for (; d->rows > 1 && key + WIDE <= end; key += WIDE) tile(d, kind, row, key, 1, WIDE);
        for (; key < end; key++) stream(d, kind, row, key);
    }
}

PERCEPT_CLONES static void distance_blocks(void *context, ptrdiff_t first, ptrdiff_t last) {
    const struct distances *d = context;
    for (ptrdiff_t block = first; block < last; block++) {
        const ptrdiff_t begin = block * BLOCK;
        const ptrdiff_t end = begin + BLOCK < d->count ? begin + BLOCK : d->count;
        switch (d->kind) {
        case PERCEPT_DOT: pairs(d, PERCEPT_DOT, begin, end); break;
        case PERCEPT_SQUARES: pairs(d, PERCEPT_SQUARES, begin, end); break;
        case PERCEPT_MANHATTAN: pairs(d, PERCEPT_MANHATTAN, begin, end); break;
        case PERCEPT_HAMMING: pairs(d, PERCEPT_HAMMING, begin, end); break;
        case PERCEPT_MIXTURE_ENTROPY: pairs(d, PERCEPT_MIXTURE_ENTROPY, begin, end); break;
        }
    }
}

void percept_distances(enum percept_distance kind, const float *queries, ptrdiff_t rows,
                       const float *keys, ptrdiff_t count, ptrdiff_t width, float *result,
                       int threads) {
    struct distances d = {kind, queries, keys, rows, count, width, result};
    const ptrdiff_t work = BLOCK * width * rows + 1;
    percept_parallel_for((count + BLOCK - 1) / BLOCK, 65536 / work + 1, threads, distance_blocks,
                         &d);
}

/// Puts a score into the sorted list, behind those that are as large.
static void insert(float value, ptrdiff_t position, ptrdiff_t *found, ptrdiff_t wanted,
                   float *values, ptrdiff_t *positions) {
    ptrdiff_t place = *found < wanted ? (*found)++ : wanted - 1;
    for (; place > 0 && values[place - 1] < value; place--) {
        values[place] = values[place - 1];
        positions[place] = positions[place - 1];
    }
    values[place] = value;
    positions[place] = position;
}

PERCEPT_INLINE ptrdiff_t largest(const float *scores, const float *offsets, float scale,
                                 ptrdiff_t count, ptrdiff_t wanted, float *values,
                                 ptrdiff_t *positions) {
    ptrdiff_t found = 0;
    if (wanted <= 0) return 0;
    for (ptrdiff_t first = 0; first < count; first += LINE) {
        const ptrdiff_t size = first + LINE < count ? LINE : count - first;
        float block[LINE];
        if (size == LINE) {
            v16f v = scale * load16f(scores + first);
            if (offsets) v += load16f(offsets + first);
            if (found == wanted) {
                const v16i is_larger = v > values[wanted - 1];
                int any = 0;
                for (int l = 0; l < LINE; l++) any |= is_larger[l];
                if (!any) continue;
            }
            store16f(block, v);
        } else {
            for (ptrdiff_t l = 0; l < size; l++) {
                block[l] = scale * scores[first + l] + (offsets ? offsets[first + l] : 0);
            }
        }
        for (ptrdiff_t l = 0; l < size; l++) {
            if (block[l] != block[l]) continue;
            if (found == wanted && !(block[l] > values[wanted - 1])) continue;
            insert(block[l], first + l, &found, wanted, values, positions);
        }
    }
    return found;
}

PERCEPT_CLONES ptrdiff_t percept_largest(const float *scores, const float *offsets, float scale,
                                         ptrdiff_t count, ptrdiff_t wanted, float *values,
                                         ptrdiff_t *positions) {
    return largest(scores, offsets, scale, count, wanted, values, positions);
}

struct columns {
    const float *scores, *offsets;
    ptrdiff_t stride, rows, count, wanted;
    float scale, *values;
    ptrdiff_t *positions, *found;
};

/// Sixteen sets side by side; the last ones may be fewer.
PERCEPT_INLINE void largest_of_sixteen(const struct columns *c, ptrdiff_t first) {
    const ptrdiff_t sets = first + LINE < c->rows ? LINE : c->rows - first;
    // What a score has to exceed; nothing does not exceed what is no number.
    v16f least = (v16f){} + __builtin_nanf("");
    for (ptrdiff_t r = 0; r < sets; r++) c->found[first + r] = 0;
    for (ptrdiff_t j = 0; j < c->count; j++) {
        const float *scores = c->scores + j * c->stride + first;
        const float offset = c->offsets ? c->offsets[j] : 0;
        v16f v = {};
        if (sets == LINE) {
            v = load16f(scores);
        } else {
            memcpy(&v, scores, (size_t)sets * sizeof(float));
        }
        v = c->scale * v + offset;
        const v16i may_be = ~(v16i)(v <= least);
        int any = 0;
        for (int l = 0; l < LINE; l++) any |= may_be[l];
        if (!any) continue;
        for (ptrdiff_t r = 0; r < sets; r++) {
            float *values = c->values + (first + r) * c->wanted;
            ptrdiff_t *found = c->found + first + r;
            if (v[r] != v[r]) continue;
            if (*found == c->wanted && !(v[r] > values[c->wanted - 1])) continue;
            insert(v[r], j, found, c->wanted, values, c->positions + (first + r) * c->wanted);
            if (*found == c->wanted) least[r] = values[c->wanted - 1];
        }
    }
}

PERCEPT_CLONES static void largest_sets(void *context, ptrdiff_t begin, ptrdiff_t end) {
    for (ptrdiff_t set = begin; set < end; set++) largest_of_sixteen(context, set * LINE);
}

void percept_largest_columns(const float *scores, ptrdiff_t stride, ptrdiff_t rows,
                             const float *offsets, float scale, ptrdiff_t count, ptrdiff_t wanted,
                             float *values, ptrdiff_t *positions, ptrdiff_t *found, int threads) {
    struct columns c = {scores, offsets, stride, rows,      count,
                        wanted, scale,   values, positions, found};
    if (wanted <= 0) {
        for (ptrdiff_t r = 0; r < rows; r++) found[r] = 0;
        return;
    }
    percept_parallel_for((rows + LINE - 1) / LINE, 65536 / (count + 1) + 1, threads, largest_sets,
                         &c);
}

struct turned {
    const float *from;
    ptrdiff_t stride, rows, count;
    float *to;
};

static void turned_lines(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct turned *t = context;
    for (ptrdiff_t line = begin; line < end; line++) {
        const ptrdiff_t first = line * LINE;
        const ptrdiff_t last = first + LINE < t->count ? first + LINE : t->count;
        for (ptrdiff_t r = 0; r < t->rows; r++) {
            for (ptrdiff_t j = first; j < last; j++) {
                t->to[r * t->count + j] = t->from[j * t->stride + r];
            }
        }
    }
}

void percept_columns(const float *from, ptrdiff_t stride, ptrdiff_t rows, ptrdiff_t count,
                     float *to, int threads) {
    struct turned t = {from, stride, rows, count, to};
    percept_parallel_for((count + LINE - 1) / LINE, 4096 / (rows + 1) + 1, threads, turned_lines,
                         &t);
}
