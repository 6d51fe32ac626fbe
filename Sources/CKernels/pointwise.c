#include "pointwise.h"

#include "parallel.h"
#include "simd.h"

struct pointwise {
    const float *x, *other;
    float *result;
    ptrdiff_t count;
    float lower, upper;
};

// Items of the parallel loop: large enough that a cache line has one writer.
enum { CHUNK = 1024 };

// Every element depends on its own place alone, also where the result replaces an argument.
#define EACH_ELEMENT \
    const ptrdiff_t last = end * CHUNK < p->count ? end * CHUNK : p->count; \
    _Pragma("clang loop vectorize(assume_safety)") \
    for (ptrdiff_t i = begin * CHUNK; i < last; i++)

static void run(struct pointwise p, percept_range_body body, int threads) {
    percept_parallel_for((p.count + CHUNK - 1) / CHUNK, 16, threads, body, &p);
}

PERCEPT_CLONES static void sign_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct pointwise *p = context;
    const float *x = p->x;
    float *result = p->result;
    EACH_ELEMENT result[i] = (float)((x[i] > 0) - (x[i] < 0));
}

void percept_sign(const float *x, float *result, ptrdiff_t count, int threads) {
    run((struct pointwise){.x = x, .result = result, .count = count}, sign_range, threads);
}

/// A rational approximation of odd degree 13 over 8, from -4 to 4, where a float is 1 (the one that Eigen
/// and XLA use). Written with comparisons that hand NaN on.
PERCEPT_INLINE float error_function(float number) {
    const float x = number < -4 ? -4 : number > 4 ? 4 : number;
    const float s = x * x;
    float above = -2.72614225801306e-10f;
    above = above * s + 2.77068142495902e-08f;
    above = above * s - 2.10102402082508e-06f;
    above = above * s - 5.69250639462346e-05f;
    above = above * s - 7.34990630326855e-04f;
    above = above * s - 2.95459980854025e-03f;
    above = above * s - 1.60960333262415e-02f;
    float below = -1.45660718464996e-05f;
    below = below * s - 2.13374055278905e-04f;
    below = below * s - 1.68282697438203e-03f;
    below = below * s - 7.37332916720468e-03f;
    below = below * s - 1.42647390514189e-02f;
    return x * above / below;
}

PERCEPT_CLONES static void error_function_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct pointwise *p = context;
    const float *x = p->x;
    float *result = p->result;
    EACH_ELEMENT result[i] = error_function(x[i]);
}

void percept_error_function(const float *x, float *result, ptrdiff_t count, int threads) {
    run((struct pointwise){.x = x, .result = result, .count = count}, error_function_range,
        threads);
}

PERCEPT_CLONES static void clamp_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct pointwise *p = context;
    const float *cotangent = p->x, *x = p->other, lower = p->lower, upper = p->upper;
    float *result = p->result;
    EACH_ELEMENT result[i] = ((x[i] >= lower) & (x[i] <= upper)) ? cotangent[i] : 0;
}

void percept_clamp_gradient(const float *cotangent, const float *x, float *result, ptrdiff_t count,
                            float lower, float upper, int threads) {
    run((struct pointwise){cotangent, x, result, count, lower, upper}, clamp_range, threads);
}

/// e^x of numbers that are not positive, to a few units in the last place: a power of two times a polynomial
/// for what is left (Cephes). Smaller ones than -87 count as that; NaN stays.
PERCEPT_INLINE float small_exponential(float number) {
    const float x = number < -87 ? -87 : number;
    const int32_t whole = (int32_t)(x * 1.44269504088896341f - 0.5f);
    const float n = (float)whole;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float sum = r * 1.9875691500e-4f + 1.3981999507e-3f;
    sum = sum * r + 8.3334519073e-3f;
    sum = sum * r + 4.1665795894e-2f;
    sum = sum * r + 1.6666665459e-1f;
    sum = sum * r + 5.0000001201e-1f;
    sum = sum * (r * r) + r + 1;
    const int32_t bits = (whole + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

PERCEPT_CLONES static void silu_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct pointwise *p = context;
    const float *cotangent = p->x, *x = p->other;
    float *result = p->result;
    EACH_ELEMENT {
        const float e = small_exponential(x[i] < 0 ? x[i] : -x[i]);
        const float sigmoid = (x[i] < 0 ? e : 1) / (1 + e);
        result[i] = cotangent[i] * (sigmoid * (1 + x[i] * (1 - sigmoid)));
    }
}

void percept_silu_gradient(const float *cotangent, const float *x, float *result, ptrdiff_t count,
                           int threads) {
    run((struct pointwise){.x = cotangent, .other = x, .result = result, .count = count},
        silu_range, threads);
}

struct one_hot {
    const float *positions;
    float *result;
    ptrdiff_t extent, inner;
};

static void one_hot_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct one_hot *h = context;
    const ptrdiff_t size = h->extent * h->inner;
    memset(h->result + begin * size, 0, (size_t)((end - begin) * size) * sizeof *h->result);
    for (ptrdiff_t o = begin; o < end; o++) {
        for (ptrdiff_t i = 0; i < h->inner; i++) {
            const ptrdiff_t position = (ptrdiff_t)(h->positions[o * h->inner + i] + 0.5f);
            h->result[o * size + position * h->inner + i] = 1;
        }
    }
}

void percept_one_hot(const float *positions, float *result, ptrdiff_t outer, ptrdiff_t extent,
                     ptrdiff_t inner, int threads) {
    struct one_hot h = {positions, result, extent, inner};
    percept_parallel_for(outer, 4096 / (extent * inner + 1) + 1, threads, one_hot_range, &h);
}
