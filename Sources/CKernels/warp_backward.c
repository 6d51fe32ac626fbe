#include "flow.h"
#include "parallel.h"
#include "planes.h"

// The gradients of a warp of float planes. Every sum is made by one thread in one order, so that
// results do not depend on how many there are.

struct warp_gradient {
    const float *cotangent, *x, *flow;
    float *result;
    ptrdiff_t channels;
    int height, width, rows, columns, replicate;
};

/// Gives the cotangents of one plane of the result back to the samples that were read.
static void scatter_plane(const struct warp_gradient *g, ptrdiff_t plane) {
    const ptrdiff_t area = (ptrdiff_t)g->rows * g->columns;
    const ptrdiff_t extent = (ptrdiff_t)g->height * g->width;
    const float *u = g->flow + 2 * (plane / g->channels) * area, *v = u + area;
    const float *cotangent = g->cotangent + plane * area;
    float *target = g->result + plane * extent;
    memset(target, 0, (size_t)extent * sizeof *target);
    for (ptrdiff_t point = 0; point < area; point++) {
        const float column = (float)(point % g->columns), row = (float)(point / g->columns);
        const struct pair x = pair_at(column + u[point], g->width, g->replicate);
        const struct pair y = pair_at(row + v[point], g->height, g->replicate);
        float *top = target + (ptrdiff_t)y.first * g->width;
        float *bottom = target + (ptrdiff_t)y.second * g->width;
        const float above = y.first_weight * cotangent[point];
        const float below = y.second_weight * cotangent[point];
        top[x.first] += x.first_weight * above;
        top[x.second] += x.second_weight * above;
        bottom[x.first] += x.first_weight * below;
        bottom[x.second] += x.second_weight * below;
    }
}

static void scatter_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    for (ptrdiff_t plane = begin; plane < end; plane++) scatter_plane(context, plane);
}

void percept_warp_backward_picture(const float *cotangent, const float *flow, float *result,
                                   ptrdiff_t batch, ptrdiff_t channels, int height, int width,
                                   int rows, int columns, int replicate, int threads) {
    struct warp_gradient g = {cotangent, 0, flow, result, channels, height, width, rows, columns,
                              replicate};
    percept_parallel_for(batch * channels, 1, threads, scatter_range, &g);
}

/// The gradient by the flow along one row: slopes of what was read, summed over channels.
PERCEPT_CLONES
static void slope_row(const struct warp_gradient *g, ptrdiff_t n, int row) {
    const ptrdiff_t area = (ptrdiff_t)g->rows * g->columns;
    const ptrdiff_t plane = (ptrdiff_t)g->height * g->width;
    const ptrdiff_t start = (ptrdiff_t)row * g->columns;
    const float *u = g->flow + 2 * n * area + start, *v = u + area;
    const float *pictures = g->x + n * g->channels * plane;
    const float *cotangent = g->cotangent + n * g->channels * area + start;
    float *to_u = g->result + 2 * n * area + start, *to_v = to_u + area;
    for (int column = 0; column < g->columns; column++) {
        const struct pair x = pair_at((float)column + u[column], g->width, g->replicate);
        const struct pair y = pair_at((float)row + v[column], g->height, g->replicate);
        const ptrdiff_t y0 = (ptrdiff_t)y.first * g->width, y1 = (ptrdiff_t)y.second * g->width;
        float across = 0, down = 0;
        for (ptrdiff_t c = 0; c < g->channels; c++) {
            const float *p = pictures + c * plane;
            const float a = p[y0 + x.first], b = p[y0 + x.second];
            const float d = p[y1 + x.first], e = p[y1 + x.second];
            const float top = x.first_weight * a + x.second_weight * b;
            const float bottom = x.first_weight * d + x.second_weight * e;
            const float left = y.first_weight * a + y.second_weight * d;
            const float right = y.first_weight * b + y.second_weight * e;
            const float share = cotangent[c * area + column];
            across += share * (x.first_slope * left + x.second_slope * right);
            down += share * (y.first_slope * top + y.second_slope * bottom);
        }
        to_u[column] = across;
        to_v[column] = down;
    }
}

static void slope_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct warp_gradient *g = context;
    for (ptrdiff_t i = begin; i < end; i++) slope_row(g, i / g->rows, (int)(i % g->rows));
}

void percept_warp_backward_flow(const float *cotangent, const float *x, const float *flow,
                                float *result, ptrdiff_t batch, ptrdiff_t channels, int height,
                                int width, int rows, int columns, int replicate, int threads) {
    struct warp_gradient g = {cotangent, x, flow, result, channels, height, width, rows, columns,
                              replicate};
    percept_parallel_for(batch * rows, 1024 / (columns + 1) + 1, threads, slope_range, &g);
}
