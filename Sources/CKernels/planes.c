#include "planes.h"

#include "flow.h"
#include "parallel.h"
#include "simd.h"

struct map {
    const float *x;
    float *y;
    int height, width;
    const struct percept_taps *rows, *columns;
};

/// One row of the result: rows of the plane weighed and added, then columns of that sum.
PERCEPT_CLONES
static void map_row(const struct map *map, const float *plane, int row, float *target) {
    const int width = map->width;
    float sum[width];
    memset(sum, 0, sizeof sum);
    for (int k = map->rows->start[row]; k < map->rows->start[row + 1]; k++) {
        const float weight = map->rows->weight[k];
        const float *source = plane + (ptrdiff_t)map->rows->source[k] * width;
        for (int i = 0; i < width; i++) sum[i] += weight * source[i];
    }
    const int32_t *start = map->columns->start, *source = map->columns->source;
    const float *weight = map->columns->weight;
    for (int i = 0; i < map->columns->count; i++) {
        float value = 0;
        for (int k = start[i]; k < start[i + 1]; k++) value += weight[k] * sum[source[k]];
        target[i] = value;
    }
}

static void map_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct map *map = context;
    const ptrdiff_t area = (ptrdiff_t)map->height * map->width;
    for (ptrdiff_t i = begin; i < end; i++) {
        map_row(map, map->x + i / map->rows->count * area, (int)(i % map->rows->count),
                map->y + i * map->columns->count);
    }
}

void percept_map_planes(const float *x, float *y, ptrdiff_t planes, int height, int width,
                        const struct percept_taps *rows, const struct percept_taps *columns,
                        int threads) {
    struct map map = {x, y, height, width, rows, columns};
    if (width < 1 || width > PERCEPT_WIDEST_PLANE || columns->count < 1) return;
    percept_parallel_for(planes * rows->count, 4096 / columns->count + 1, threads, map_range, &map);
}

struct warp {
    const float *x, *flow;
    float *y;
    ptrdiff_t channels;
    int height, width, rows, columns, replicate;
};

PERCEPT_CLONES
static void warp_row(const struct warp *warp, ptrdiff_t n, int row) {
    const ptrdiff_t area = (ptrdiff_t)warp->rows * warp->columns;
    const ptrdiff_t plane = (ptrdiff_t)warp->height * warp->width;
    const float *u = warp->flow + 2 * n * area + (ptrdiff_t)row * warp->columns, *v = u + area;
    const float *pictures = warp->x + n * warp->channels * plane;
    float *target = warp->y + n * warp->channels * area + (ptrdiff_t)row * warp->columns;
    for (int column = 0; column < warp->columns; column++) {
        const struct pair x = pair_at((float)column + u[column], warp->width, warp->replicate);
        const struct pair y = pair_at((float)row + v[column], warp->height, warp->replicate);
        const ptrdiff_t y0 = (ptrdiff_t)y.first * warp->width;
        const ptrdiff_t y1 = (ptrdiff_t)y.second * warp->width;
        for (ptrdiff_t c = 0; c < warp->channels; c++) {
            const float *p = pictures + c * plane;
            const float top = x.first_weight * p[y0 + x.first] + x.second_weight * p[y0 + x.second];
            const float bottom =
                x.first_weight * p[y1 + x.first] + x.second_weight * p[y1 + x.second];
            target[c * area + column] = y.first_weight * top + y.second_weight * bottom;
        }
    }
}

static void warp_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct warp *warp = context;
    for (ptrdiff_t i = begin; i < end; i++) warp_row(warp, i / warp->rows, (int)(i % warp->rows));
}

void percept_warp_planes(const float *x, const float *flow, float *y, ptrdiff_t batch,
                         ptrdiff_t channels, int height, int width, int rows, int columns,
                         int replicate, int threads) {
    struct warp warp = {x, flow, y, channels, height, width, rows, columns, replicate};
    percept_parallel_for(batch * rows, 1024 / (columns + 1) + 1, threads, warp_range, &warp);
}
