#include "search.h"

#include "parallel.h"
#include "simd.h"

// Dense inverse search (Kroeger et al., ECCV 2016) on 16-bit samples: 8x8 patches, 4 apart, so that
// each cell of 4x4 samples lies in four patches, whose flows it averages by how well each predicts
// it. Rows of patches are searched in stripes of fixed height, whatever the number of threads.

typedef int16_t v16s __attribute__((vector_size(32)));
typedef uint16_t v16w __attribute__((vector_size(32)));
typedef int32_t v8i __attribute__((vector_size(32)));

enum { PATCH = 8, STRIDE = 4, STRIPE = 8, FRACTION = 32, PAD = PERCEPT_LEVEL_PADDING };

struct patch_result {
    float x, y, error;
};

struct job {
    const struct percept_level *current, *reference;
    const struct percept_flow *coarse, *seed, *flow;
    const struct percept_search *parameters;
    float *error;
    int columns, rows;
    struct patch_result *results;
    uint8_t *differences;  // 64 a patch: absolute differences in quarters of an 8-bit step
};

// Two rows of a patch a vector; four vectors a patch.
struct patch {
    v16s value[4];           // 64ths of an 8-bit step
    v16s gradient_x[4], gradient_y[4];  // eighths of a step a sample
    float xx, xy, yy;        // inverse of the (centred, regularised) structure tensor, 8-bit units
    float sum_x, sum_y;      // sums of the gradients, in their own units
};

struct match {
    v16s difference[4];
    float x, y;          // the gradients' correlation with the difference, centred
    float cost;          // centred sum of squared differences, 8-bit steps squared
    float mean;          // mean difference in 64ths
};

// Products of neighbours, added in pairs.
PERCEPT_INLINE v8i portable_dot(v16s a, v16s b) {
#if defined(__SSE2__)
    typedef short v8 __attribute__((vector_size(16)));
    const v8 al = __builtin_shufflevector(a, a, 0, 1, 2, 3, 4, 5, 6, 7);
    const v8 ah = __builtin_shufflevector(a, a, 8, 9, 10, 11, 12, 13, 14, 15);
    const v8 bl = __builtin_shufflevector(b, b, 0, 1, 2, 3, 4, 5, 6, 7);
    const v8 bh = __builtin_shufflevector(b, b, 8, 9, 10, 11, 12, 13, 14, 15);
    const v4i low = (v4i)__builtin_ia32_pmaddwd128(al, bl);
    const v4i high = (v4i)__builtin_ia32_pmaddwd128(ah, bh);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
#else
    const v8s ae = __builtin_shufflevector(a, a, 0, 2, 4, 6, 8, 10, 12, 14);
    const v8s ao = __builtin_shufflevector(a, a, 1, 3, 5, 7, 9, 11, 13, 15);
    const v8s be = __builtin_shufflevector(b, b, 0, 2, 4, 6, 8, 10, 12, 14);
    const v8s bo = __builtin_shufflevector(b, b, 1, 3, 5, 7, 9, 11, 13, 15);
    return __builtin_convertvector(ae, v8i) * __builtin_convertvector(be, v8i) +
           __builtin_convertvector(ao, v8i) * __builtin_convertvector(bo, v8i);
#endif
}

#define DOT(a, b) portable_dot(a, b)
#define VARIANT(name) name##_portable
#include "search_body.h"
#undef DOT
#undef VARIANT

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("arch=x86-64-v3"))), apply_to = function)
#define DOT(a, b) ((v8i)__builtin_ia32_pmaddwd256(a, b))
#define VARIANT(name) name##_v3
#include "search_body.h"
#undef DOT
#undef VARIANT
#pragma clang attribute pop
#endif

ptrdiff_t percept_search_scratch(int width, int height) {
    const ptrdiff_t patches = (ptrdiff_t)percept_patches(width) * percept_patches(height);
    return patches * (ptrdiff_t)(sizeof(struct patch_result) + 64) + 128;
}

void percept_inverse_search(const struct percept_level *current,
                            const struct percept_level *reference,
                            const struct percept_flow *coarse, const struct percept_flow *seed,
                            const struct percept_search *parameters,
                            const struct percept_flow *flow, float *error, void *scratch,
                            int threads) {
    struct job job = {current, reference, coarse, seed, flow, parameters, error,
                      percept_patches(current->width), percept_patches(current->height), 0, 0};
    job.differences = (uint8_t *)(((uintptr_t)scratch + 63) / 64 * 64);
    job.results = (struct patch_result *)(job.differences + (ptrdiff_t)job.columns * job.rows * 64);
    percept_range_body search = search_stripes_portable, densify = densify_rows_portable;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("x86-64-v3")) {
        search = search_stripes_v3;
        densify = densify_rows_v3;
    }
#endif
    percept_parallel_for((job.rows + STRIPE - 1) / STRIPE, 1, threads, search, &job);
    percept_parallel_for(job.rows - 1, 16, threads, densify, &job);
}
