#include "depthwise.h"

#include <string.h>

#include "parallel.h"
#include "simd.h"

enum { TAPS = 9, AT_ONCE = 4 };

struct work {
    const struct percept_depthwise *shape;
    const float *x, *packed, *bias;
    float *y;
};

#define V v16f
#define I v16i
#define U v16u
#define BLOCK 16
#define LOAD load16f
#define STORE store16f
#define NAME(name) name##_16
#include "depthwise_body.h"
#undef V
#undef I
#undef U
#undef BLOCK
#undef LOAD
#undef STORE
#undef NAME

typedef int32_t v8i __attribute__((vector_size(32)));
typedef uint32_t v8w __attribute__((vector_size(32)));
#define V v8f
#define I v8i
#define U v8w
#define BLOCK 8
#define LOAD load8f
#define STORE store8f
#define NAME(name) name##_8
#include "depthwise_body.h"

void percept_depthwise_weights(const struct percept_depthwise *shape, const float *weights,
                               float *packed, ptrdiff_t channels) {
    const ptrdiff_t block = shape->block, size = TAPS * block;
    memset(packed, 0, (size_t)(shape->blocks * size) * sizeof *packed);
    for (ptrdiff_t c = 0; c < channels; c++) {
        float *target = packed + c / block * size + c % block;
        for (ptrdiff_t tap = 0; tap < TAPS; tap++) target[tap * block] = weights[c * TAPS + tap];
    }
}

void percept_depthwise_silu(const struct percept_depthwise *shape, const float *x,
                            const float *packed, const float *bias, float *y, int threads) {
    struct work work = {shape, x, packed, bias, y};
    const ptrdiff_t rows = shape->batch * shape->blocks * shape->result_height;
    // A thread is worth its start from some hundreds of vectors on.
    const ptrdiff_t grain = 256 / (shape->result_width + 1) + 1;
    percept_parallel_for(rows, grain, threads, shape->block == 16 ? rows_16 : rows_8, &work);
}
