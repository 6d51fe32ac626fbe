// A tile of F(2x2, 3x3): from samples to sums that are multiplied, and from products to results.
#pragma once
#include "simd.h"
#include "winograd.h"

enum { BLOCK = 16, TILES = 12 };

#if defined(__x86_64__)
#include <immintrin.h>

#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512bf16")))
#define INLINE TARGET static inline __attribute__((always_inline))

INLINE __m512 widen(__m256i x) {
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16));
}
INLINE __m512 read16(const uint16_t *p) { return widen(_mm256_loadu_si256((const void *)p)); }

/// Four numbers down a column, transformed.
struct column {
    __m512 r[4];
};

INLINE struct column transform_column(const __m512 *d) {
    return (struct column){{d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]}};
}

/// Two columns side by side, both inside the picture. The lower rows are new to the caches: those of
/// the next group are asked for (6 % of a dense block's time).
INLINE void read_columns(const uint16_t *const *rows, ptrdiff_t x, struct column *c) {
    const __m512i low = _mm512_set_epi32(
        0xf0000, 0xe0000, 0xd0000, 0xc0000, 0xb0000, 0xa0000, 0x90000, 0x80000, 0x70000, 0x60000,
        0x50000, 0x40000, 0x30000, 0x20000, 0x10000, 0);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(0x100000));
    const __mmask32 odd = 0xaaaaaaaa;
    __m512 a[4], b[4];
    for (int k = 0; k < 4; k++) {
        const __m512i both = _mm512_loadu_si512(rows[k] + x * BLOCK);
        if (k >= 2) _mm_prefetch((const char *)(rows[k] + (x + 2 * TILES) * BLOCK), _MM_HINT_T0);
        a[k] = (__m512)_mm512_maskz_permutexvar_epi16(odd, low, both);
        b[k] = (__m512)_mm512_maskz_permutexvar_epi16(odd, high, both);
    }
    c[0] = transform_column(a);
    c[1] = transform_column(b);
}

/// A column that may lie outside the picture.
INLINE struct column read_column(const uint16_t *const *rows, ptrdiff_t x, int width) {
    __m512 d[4];
    for (int k = 0; k < 4; k++) {
        const int inside = rows[k] && x >= 0 && x < width;
        d[k] = inside ? read16(rows[k] + x * BLOCK) : _mm512_setzero_ps();
    }
    return transform_column(d);
}

INLINE void transform_row(const __m512 *d, __m512 one, __m512 *v) {
    v[0] = _mm512_fmsub_ps(d[0], one, d[2]);
    v[1] = _mm512_fmadd_ps(d[1], one, d[2]);
    v[2] = _mm512_fmsub_ps(d[2], one, d[1]);
    v[3] = _mm512_fmsub_ps(d[1], one, d[3]);
}

/// Transforms two tiles side by side, of which `c` holds the six columns; `both` or only the left.
INLINE void transform_pair(const struct column *c, uint16_t *v, ptrdiff_t stride, int both) {
    // Sums as products with one: they go through the multipliers while the adders still work on the
    // columns (10.7 instead of 12.6 ns for a tile and block on Zen 4). A compiler must not see it.
    __m512 one = _mm512_set1_ps(1.0f);
    __asm__("" : "+v"(one));
    for (int y = 0; y < 4; y++) {
        __m512 d[6], left[4], right[4];
        for (int x = 0; x < 6; x++) d[x] = c[x].r[y];
        transform_row(d, one, left);
        transform_row(d + 2, one, right);
        for (int x = 0; x < 4; x++, v += stride) {
            if (both) {
                _mm512_storeu_si512(v, (__m512i)_mm512_cvtne2ps_pbh(right[x], left[x]));
            } else {
                _mm256_storeu_si256((void *)v, (__m256i)_mm512_cvtneps_pbh(left[x]));
            }
        }
    }
}

/// Transforms a run of tiles in one row, one block of channels; `v` is the run's first tile at the
/// first position.
INLINE void transform_run(const uint16_t *const *rows, ptrdiff_t x, int width, ptrdiff_t count,
                          uint16_t *v, ptrdiff_t stride) {
    const int rows_inside = rows[0] && rows[1] && rows[2] && rows[3];
    struct column c[6];
    for (int k = 0; k < 2; k++) c[k] = read_column(rows, x + k, width);
    for (ptrdiff_t left = count; left > 0; left -= 2, x += 4, v += 2 * BLOCK) {
        if (rows_inside && left > 1 && x + 5 < width) {
            read_columns(rows, x + 2, c + 2);
            read_columns(rows, x + 4, c + 4);
            transform_pair(c, v, stride, 1);
        } else {
            for (int k = 2; k < 6; k++) c[k] = read_column(rows, x + k, width);
            if (left > 1) {
                transform_pair(c, v, stride, 1);
            } else {
                transform_pair(c, v, stride, 0);
            }
        }
        c[0] = c[4];
        c[1] = c[5];
    }
}

/// x / (1 + e^-x), to one part in a million.
INLINE __m512 silu(__m512 x) {
    const __m512 power = _mm512_max_ps(_mm512_set1_ps(-126),
                                       _mm512_min_ps(_mm512_set1_ps(126), x * -1.44269504f));
    const __m512 whole = _mm512_roundscale_ps(power, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    const __m512 rest = (power - whole) * 0.693147181f;
    __m512 sum = _mm512_set1_ps(1 / 720.0f);
    for (int k = 5; k >= 0; k--) {
        static const float terms[] = {1, 1, 1 / 2.0f, 1 / 6.0f, 1 / 24.0f, 1 / 120.0f};
        sum = sum * rest + terms[k];
    }
    return x / (_mm512_scalef_ps(sum, whole) + 1);
}

/// Two results side by side, or one, of a row: `at` counts elements of the result.
INLINE void finish(const struct percept_winograd *shape, void *y, ptrdiff_t at, __m512 a, __m512 b,
                   int both) {
    for (int k = 0; k < shape->post_count; k++) {
        const struct percept_winograd_post *post = &shape->posts[k];
        const __m512 value = _mm512_set1_ps(post->value);
        if (post->kind == PERCEPT_WINOGRAD_SCALE) {
            a *= value;
            b *= value;
        } else if (post->kind == PERCEPT_WINOGRAD_RELU) {
            const __m512 zero = _mm512_setzero_ps();
            a = _mm512_mask_mul_ps(a, _mm512_cmp_ps_mask(a, zero, _CMP_LE_OQ), a, value);
            b = _mm512_mask_mul_ps(b, _mm512_cmp_ps_mask(b, zero, _CMP_LE_OQ), b, value);
        } else if (post->kind == PERCEPT_WINOGRAD_SILU) {
            a = silu(a);
            b = silu(b);
        } else if (shape->writes_float) {
            const float *other = (const float *)post->operand + at;
            a += _mm512_loadu_ps(other);
            if (both) b += _mm512_loadu_ps(other + BLOCK);
        } else {
            const uint16_t *other = (const uint16_t *)post->operand + at;
            a += read16(other);
            if (both) b += read16(other + BLOCK);
        }
    }
    if (shape->writes_float) {
        _mm512_storeu_ps((float *)y + at, a);
        if (both) _mm512_storeu_ps((float *)y + at + BLOCK, b);
        return;
    }
    const __m512i pair = (__m512i)_mm512_cvtne2ps_pbh(b, a);
    uint16_t *target = (uint16_t *)y + at;
    if (both) {
        _mm512_storeu_si512(target, pair);
    } else {
        _mm256_storeu_si256((void *)target, _mm512_castsi512_si256(pair));
    }
}

#endif
