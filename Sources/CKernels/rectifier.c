#include "rectifier.h"

#include "parallel.h"
#include "simd.h"

struct rectifier {
    const void *cotangent, *output;
    void *result;
    ptrdiff_t count;
    float slope;
};

// Items of the parallel loop: large enough that a cache line has one writer.
enum { CHUNK = 1024 };

typedef uint16_t v16h __attribute__((vector_size(32)));
typedef int16_t v16s __attribute__((vector_size(32)));

// Vectors by hand: where the result replaces the cotangent a compiler suspects that iterations
// depend on each other.

PERCEPT_INLINE void gradient_floats(const struct rectifier *r, ptrdiff_t begin, ptrdiff_t end) {
    const float *cotangent = r->cotangent, *output = r->output;
    float *result = r->result;
    ptrdiff_t i = begin;
    for (; i + 16 <= end; i += 16) {
        const v16f x = load16f(cotangent + i);
        const v16i passes = load16f(output + i) > 0;
        store16f(result + i, (v16f)((passes & (v16i)x) | (~passes & (v16i)(x * r->slope))));
    }
    for (; i < end; i++) result[i] = output[i] > 0 ? cotangent[i] : r->slope * cotangent[i];
}

/// One vector of bfloat16 numbers. As whole numbers the halves of positive floats are positive too.
PERCEPT_INLINE v16h gradient16(v16h x, v16s output, float slope) {
    const v16f scaled = (v16f)(__builtin_convertvector(x, v16u) << 16) * slope;
    const v16h reduced = __builtin_convertvector(round_bf16(scaled) >> 16, v16h);
    const v16h passes = (v16h)(output > 0);
    return (passes & x) | (~passes & reduced);
}

PERCEPT_INLINE void gradient_bf16(const struct rectifier *r, ptrdiff_t begin, ptrdiff_t end) {
    const uint16_t *cotangent = r->cotangent;
    const int16_t *output = r->output;
    uint16_t *result = r->result;
    for (ptrdiff_t i = begin; i < end; i += 16) {
        v16h x = {0};
        v16s y = {0};
        const size_t bytes = (size_t)(end - i < 16 ? end - i : 16) * sizeof *result;
        if (bytes == sizeof x) {
            memcpy(&x, cotangent + i, sizeof x);
            memcpy(&y, output + i, sizeof y);
            x = gradient16(x, y, r->slope);
            memcpy(result + i, &x, sizeof x);
        } else {
            memcpy(&x, cotangent + i, bytes);
            memcpy(&y, output + i, bytes);
            x = gradient16(x, y, r->slope);
            memcpy(result + i, &x, bytes);
        }
    }
}

PERCEPT_CLONES static void float_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct rectifier *r = context;
    gradient_floats(r, begin * CHUNK, end * CHUNK < r->count ? end * CHUNK : r->count);
}

PERCEPT_CLONES static void bf16_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct rectifier *r = context;
    gradient_bf16(r, begin * CHUNK, end * CHUNK < r->count ? end * CHUNK : r->count);
}

void percept_rectifier_gradient(const void *cotangent, const void *output, void *result,
                                ptrdiff_t count, float slope, int is_bf16, int threads) {
    struct rectifier r = {cotangent, output, result, count, slope};
    percept_parallel_for((count + CHUNK - 1) / CHUNK, 16, threads,
                         is_bf16 ? bf16_range : float_range, &r);
}
