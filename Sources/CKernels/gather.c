#include "boxes.h"
#include "parallel.h"
#include "simd.h"

struct gather {
    const float *x, *positions;
    float *y;
    ptrdiff_t extent, inner, count;
};

/// Runs of the result, `count` for each outer index.
static void pick_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct gather *g = context;
    for (ptrdiff_t i = begin; i < end; i++) {
        const ptrdiff_t position = (ptrdiff_t)(g->positions[i % g->count] + 0.5f);
        memcpy(g->y + i * g->inner, g->x + (i / g->count * g->extent + position) * g->inner,
               (size_t)g->inner * sizeof *g->y);
    }
}

void percept_gather(const float *x, const float *positions, float *y, ptrdiff_t outer,
                    ptrdiff_t extent, ptrdiff_t inner, ptrdiff_t count, int threads) {
    struct gather g = {x, positions, y, extent, inner, count};
    percept_parallel_for(outer * count, 4096 / (inner + 1) + 1, threads, pick_range, &g);
}

/// Outer indices of the result: what several picks give one element is added in their order.
static void give_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct gather *g = context;
    for (ptrdiff_t i = begin; i < end; i++) {
        float *target = g->y + i * g->extent * g->inner;
        const float *source = g->x + i * g->count * g->inner;
        memset(target, 0, (size_t)(g->extent * g->inner) * sizeof *target);
        for (ptrdiff_t k = 0; k < g->count; k++) {
            float *run = target + (ptrdiff_t)(g->positions[k] + 0.5f) * g->inner;
            for (ptrdiff_t j = 0; j < g->inner; j++) run[j] += source[k * g->inner + j];
        }
    }
}

void percept_gather_backward(const float *cotangent, const float *positions, float *result,
                             ptrdiff_t outer, ptrdiff_t extent, ptrdiff_t inner, ptrdiff_t count,
                             int threads) {
    struct gather g = {cotangent, positions, result, extent, inner, count};
    percept_parallel_for(outer, 4096 / (extent * inner + 1) + 1, threads, give_range, &g);
}
