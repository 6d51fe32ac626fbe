// Vector types and helpers that all kernels share; everything here inlines into its caller.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// One body, compiled for AVX-512, AVX2 and the baseline; the loader picks. Only where ifuncs exist.
#if defined(__x86_64__) && defined(__ELF__)
#define PERCEPT_CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define PERCEPT_CLONES
#endif

#define PERCEPT_INLINE static inline __attribute__((always_inline))

// Vectors wider than the baseline's registers never cross a call: every helper is inlined.
#pragma clang diagnostic ignored "-Wpsabi"

typedef float v16f __attribute__((vector_size(64)));
typedef int32_t v16i __attribute__((vector_size(64)));
typedef uint32_t v16u __attribute__((vector_size(64)));
typedef float v8f __attribute__((vector_size(32)));
typedef int16_t v8s __attribute__((vector_size(16)));
typedef uint16_t v8u __attribute__((vector_size(16)));
typedef int32_t v4i __attribute__((vector_size(16)));

PERCEPT_INLINE v16f load16f(const float *p) { v16f v; memcpy(&v, p, sizeof v); return v; }
PERCEPT_INLINE void store16f(float *p, v16f v) { memcpy(p, &v, sizeof v); }
PERCEPT_INLINE v8f load8f(const float *p) { v8f v; memcpy(&v, p, sizeof v); return v; }
PERCEPT_INLINE void store8f(float *p, v8f v) { memcpy(p, &v, sizeof v); }
PERCEPT_INLINE v8s load8s(const int16_t *p) { v8s v; memcpy(&v, p, sizeof v); return v; }
PERCEPT_INLINE void store8s(int16_t *p, v8s v) { memcpy(p, &v, sizeof v); }

PERCEPT_INLINE v16f even16f(v16f a, v16f b) {
    return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
}
PERCEPT_INLINE v16f odd16f(v16f a, v16f b) {
    return __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
}
PERCEPT_INLINE v16f low16f(v16f a, v16f b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
PERCEPT_INLINE v16f high16f(v16f a, v16f b) {
    return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/// Sixteen floats' bits rounded to nearest even at bit 16 (bfloat16 in the upper half).
PERCEPT_INLINE v16u round_bf16(v16f x) {
    const v16u u = (v16u)x;
    return u + 0x7fffu + ((u >> 16) & 1u);
}

PERCEPT_INLINE int clamp_int(int x, int low, int high) {
    return x < low ? low : x > high ? high : x;
}
