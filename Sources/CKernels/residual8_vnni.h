// The kernels of a residual block in 8 bits on the processor's dot products of 8 bits (VNNI).
#pragma once
#include "residual8_parts.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define USES_VNNI(shape) ((shape)->uses_vnni)

#define VNNI __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define VNNI_INLINE VNNI static inline __attribute__((always_inline))
#define UNROLL _Pragma("clang loop unroll(full)")

// MARK: - Products

/// Each sample is read once for the three results that it counts in.
VNNI_INLINE void products_vnni(const uint8_t *a, const int8_t *weights, __m512i *sum) {
    const __m512i w0 = _mm512_loadu_si512(weights), w1 = _mm512_loadu_si512(weights + 64);
    const __m512i w2 = _mm512_loadu_si512(weights + 128);
    UNROLL for (int x = 0; x < STRIP + 2; x++) {
        int32_t bits;
        memcpy(&bits, a + x * BLOCK, sizeof bits);
        const __m512i v = _mm512_set1_epi32(bits);
        if (x < STRIP) sum[x] = _mm512_dpbusd_epi32(sum[x], v, w0);
        if (x >= 1 && x <= STRIP) sum[x - 1] = _mm512_dpbusd_epi32(sum[x - 1], v, w1);
        if (x >= 2) sum[x - 2] = _mm512_dpbusd_epi32(sum[x - 2], v, w2);
    }
}

/// Products of two positions.
VNNI_INLINE void pair_vnni(const struct strip8 *s, int pair, ptrdiff_t first, ptrdiff_t second,
                           __m512i *a, __m512i *b) {
    const int8_t *w = s->weights + (ptrdiff_t)pair * s->blocks * WEIGHTS;
    for (int block = 0; block < s->blocks; block++) {
        for (int quad = 0; quad < 4; quad++, w += WEIGHTS / 4) {
            const uint8_t *v = s->samples + block * s->block + quad * 4;
            products_vnni(v + first * s->position, w, a);
            products_vnni(v + second * s->position, w + WEIGHTS / 8, b);
        }
    }
}

/// F(2, 3) down the columns: the sums of the outer positions start at what the middle ones leave.
VNNI_INLINE void multiply_vnni(const struct strip8 *s, __m512i *a, __m512i *b) {
    UNROLL for (int x = 0; x < STRIP; x++) {
        a[x] = _mm512_loadu_si512(s->starts + s->channels);
        b[x] = _mm512_loadu_si512(s->starts + 2 * s->channels);
    }
    pair_vnni(s, MIDDLE, 1, 2, a, b);
    const __m512i even = _mm512_loadu_si512(s->starts);
    const __m512i odd = _mm512_loadu_si512(s->starts + 3 * s->channels);
    UNROLL for (int x = 0; x < STRIP; x++) {
        const __m512i sum = _mm512_add_epi32(a[x], b[x]);
        b[x] = _mm512_add_epi32(_mm512_sub_epi32(a[x], b[x]), odd);
        a[x] = _mm512_add_epi32(sum, even);
    }
    pair_vnni(s, OUTER, 0, 3, a, b);
}

// MARK: - Samples

/// Sixteen numbers of at most 127 to the nearest; below 0, and NaN, something negative.
VNNI_INLINE __m512i nearest(__m512 v) {
    return _mm512_cvtps_epi32(_mm512_min_ps(_mm512_set1_ps(PERCEPT_RESIDUAL8_LARGEST), v));
}

/// Four positions of sixteen channels as bytes, none below 0.
VNNI_INLINE void write_activations(const __m512i *v, uint8_t *target) {
    const __m512i order =
        _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const __m512i bytes = _mm512_packus_epi16(_mm512_packs_epi32(v[0], v[1]),
                                              _mm512_packs_epi32(v[2], v[3]));
    _mm512_storeu_si512(target, _mm512_permutexvar_epi32(order, bytes));
}

VNNI_INLINE __m512 read_vnni(const void *p, ptrdiff_t at, int is_float) {
    if (is_float) return _mm512_loadu_ps((const float *)p + at);
    const __m256i bits = _mm256_loadu_si256((const void *)((const uint16_t *)p + at));
    return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16));
}

VNNI_INLINE void write_vnni(void *p, ptrdiff_t at, __m512 v, int is_float) {
    if (is_float) {
        _mm512_storeu_ps((float *)p + at, v);
        return;
    }
    const __m512i bits = _mm512_castps_si512(v), one = _mm512_set1_epi32(1);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), one);
    const __m512i sum =
        _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
    _mm256_storeu_si256((void *)((uint16_t *)p + at),
                        _mm512_cvtepi32_epi16(_mm512_srli_epi32(sum, 16)));
}

// MARK: - Kernels

/// Activations of `count` positions of one block of x.
VNNI static void quantise_vnni(const void *x, ptrdiff_t at, int is_float, const float *scale,
                               const float *zero, uint8_t *target, ptrdiff_t count) {
    const __m512 f = _mm512_loadu_ps(scale), o = _mm512_loadu_ps(zero);
    __m512i v[4];
    ptrdiff_t i = 0;
    for (; i + 4 <= count; i += 4) {
        UNROLL for (int k = 0; k < 4; k++) {
            v[k] = nearest(_mm512_fmadd_ps(read_vnni(x, at + (i + k) * BLOCK, is_float), f, o));
        }
        write_activations(v, target + i * BLOCK);
    }
    for (; i < count; i++) {
        const __m512i q =
            nearest(_mm512_fmadd_ps(read_vnni(x, at + i * BLOCK, is_float), f, o));
        _mm_storeu_si128((void *)(target + i * BLOCK),
                         _mm512_cvtepi32_epi8(_mm512_max_epi32(q, _mm512_setzero_si512())));
    }
}

/// Activations of a strip after the first convolution, in two rows.
VNNI static void middle_vnni(const struct strip8 *s, uint8_t *const *targets) {
    __m512i sum[2][STRIP];
    multiply_vnni(s, sum[0], sum[1]);
    const __m512 f = _mm512_loadu_ps(s->factor), o = _mm512_loadu_ps(s->offset);
    UNROLL for (int r = 0; r < 2; r++) {
        UNROLL for (int x = 0; x < STRIP; x += 4) {
            __m512i v[4];
            UNROLL for (int k = 0; k < 4; k++) {
                v[k] = nearest(_mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[r][x + k]), f, o));
            }
            write_activations(v, targets[r] + x * BLOCK);
        }
    }
}

/// x plus a row of the second convolution.
VNNI_INLINE void add_vnni(const __m512i *sum, __m512 f, __m512 o, const struct result8 *t,
                          ptrdiff_t row, int reads_float, int writes_float) {
    const ptrdiff_t at = t->at + row * t->line;
    UNROLL for (int x = 0; x < STRIP; x++) {
        if (x >= t->count) return;
        const __m512 branch = _mm512_fmadd_ps(_mm512_cvtepi32_ps(sum[x]), f, o);
        const __m512 before = read_vnni(t->x, at + x * BLOCK, reads_float);
        write_vnni(t->y, at + x * BLOCK, _mm512_add_ps(before, branch), writes_float);
    }
}

/// x plus the second convolution.
VNNI static void result_vnni(const struct strip8 *s, const struct result8 *t) {
    __m512i sum[2][STRIP];
    multiply_vnni(s, sum[0], sum[1]);
    const __m512 f = _mm512_loadu_ps(s->factor), o = _mm512_loadu_ps(s->offset);
    // Constant indices keep the sums in registers.
    UNROLL for (int r = 0; r < 2; r++) {
        if (r >= t->rows) return;
        if (t->reads_float && t->writes_float) {
            add_vnni(sum[r], f, o, t, r, 1, 1);
        } else if (t->reads_float) {
            add_vnni(sum[r], f, o, t, r, 1, 0);
        } else if (t->writes_float) {
            add_vnni(sum[r], f, o, t, r, 0, 1);
        } else {
            add_vnni(sum[r], f, o, t, r, 0, 0);
        }
    }
}
#else

#define USES_VNNI(shape) 0
#define quantise_vnni quantise_plain
#define middle_vnni middle_plain
#define result_vnni result_plain

#endif
