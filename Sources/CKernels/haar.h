// One row pair of the orthonormal Haar transform, inlined into the tensor and the plane kernels.
#pragma once
#include "simd.h"

/// Splits `2 * count` samples of two rows into `count` samples of each subband.
PERCEPT_INLINE void haar_split_rows(const float *top, const float *bottom, float *ll, float *hl,
                                    float *lh, float *hh, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const v16f t0 = load16f(top + 2 * i), t1 = load16f(top + 2 * i + 16);
        const v16f b0 = load16f(bottom + 2 * i), b1 = load16f(bottom + 2 * i + 16);
        const v16f s0 = t0 + b0, s1 = t1 + b1, d0 = b0 - t0, d1 = b1 - t1;
        const v16f se = even16f(s0, s1), so = odd16f(s0, s1);
        const v16f de = even16f(d0, d1), od = odd16f(d0, d1);
        store16f(ll + i, (se + so) * 0.5f);
        store16f(hl + i, (so - se) * 0.5f);
        store16f(lh + i, (de + od) * 0.5f);
        store16f(hh + i, (od - de) * 0.5f);
    }
    for (; i < count; i++) {
        const float a = top[2 * i], c = top[2 * i + 1], b = bottom[2 * i], d = bottom[2 * i + 1];
        const float se = a + b, so = c + d, de = b - a, od = d - c;
        ll[i] = (se + so) * 0.5f;
        hl[i] = (so - se) * 0.5f;
        lh[i] = (de + od) * 0.5f;
        hh[i] = (od - de) * 0.5f;
    }
}

/// Joins `count` samples of each subband into `2 * count` samples of two rows.
PERCEPT_INLINE void haar_join_rows(const float *ll, const float *hl, const float *lh,
                                   const float *hh, float *top, float *bottom, ptrdiff_t count) {
    ptrdiff_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const v16f l = load16f(ll + i), h = load16f(hl + i);
        const v16f v = load16f(lh + i), x = load16f(hh + i);
        const v16f se = l - h, so = l + h, de = v - x, od = v + x;
        const v16f a = (se - de) * 0.5f, c = (so - od) * 0.5f;
        const v16f b = (se + de) * 0.5f, d = (so + od) * 0.5f;
        store16f(top + 2 * i, low16f(a, c));
        store16f(top + 2 * i + 16, high16f(a, c));
        store16f(bottom + 2 * i, low16f(b, d));
        store16f(bottom + 2 * i + 16, high16f(b, d));
    }
    for (; i < count; i++) {
        const float se = ll[i] - hl[i], so = ll[i] + hl[i], de = lh[i] - hh[i], od = lh[i] + hh[i];
        top[2 * i] = (se - de) * 0.5f;
        top[2 * i + 1] = (so - od) * 0.5f;
        bottom[2 * i] = (se + de) * 0.5f;
        bottom[2 * i + 1] = (so + od) * 0.5f;
    }
}
