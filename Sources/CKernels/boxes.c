#include "boxes.h"

#include <math.h>

#include "parallel.h"
#include "simd.h"

struct boxes {
    const float *x, *boxes;
    float *y;
    ptrdiff_t count, channels;
    int height, width;
    const struct percept_box_reading *reading;
};

/// The cells of a box along one side: where the first begins, how long each is, points in each.
struct side {
    double start, cell;
    int points;
};

static struct side side_of(const struct percept_box_reading *r, float from, float to, int cells) {
    const double start = (double)from * r->scale - r->shift;
    double length = (double)to * r->scale - r->shift - start;
    if (length < r->least) length = r->least;
    const double cell = length / cells;
    int points = r->points;
    // As many as samples, and no more than anybody waits for where a box is absurdly large.
    if (points == 0) points = cell > 0 ? (int)ceil(cell < 65536 ? cell : 65536) : 0;
    return (struct side){start, cell, points};
}

/// The samples around one point and the weight of the second; 0 where the point is outside.
static int samples_at(const struct side *side, int cell, int point, int extent, int *first,
                      int *second, double *weight) {
    const double share = (point + 0.5) / side->points;
    const double at = side->start + (cell + share) * side->cell;
    if (!(at >= -1 && at <= extent)) return 0;
    const double inside = at < 0 ? 0 : at > extent - 1 ? extent - 1 : at;
    *first = (int)inside;
    *second = *first + 1 < extent ? *first + 1 : extent - 1;
    *weight = inside - *first;
    return 1;
}

/// Reads one cell of a plane (`source`), or gives `cotangent` back to it (`target`).
static double visit_cell(const struct boxes *b, const struct side *down, const struct side *across,
                         int cell, const float *source, float *target, double cotangent) {
    const int row = cell / b->reading->cells_across, column = cell % b->reading->cells_across;
    const int points = down->points * across->points;
    const double share = points > 0 ? 1.0 / points : 0;
    double sum = 0;
    for (int i = 0; i < down->points; i++) {
        int top, bottom;
        double fy;
        if (!samples_at(down, row, i, b->height, &top, &bottom, &fy)) continue;
        const ptrdiff_t y0 = (ptrdiff_t)top * b->width, y1 = (ptrdiff_t)bottom * b->width;
        for (int j = 0; j < across->points; j++) {
            int left, right;
            double fx;
            if (!samples_at(across, column, j, b->width, &left, &right, &fx)) continue;
            if (target) {
                const double above = cotangent * share * (1 - fy), below = cotangent * share * fy;
                target[y0 + left] += (float)(above * (1 - fx));
                target[y0 + right] += (float)(above * fx);
                target[y1 + left] += (float)(below * (1 - fx));
                target[y1 + right] += (float)(below * fx);
            } else {
                sum += (1 - fy) * ((1 - fx) * source[y0 + left] + fx * source[y0 + right])
                    + fy * ((1 - fx) * source[y1 + left] + fx * source[y1 + right]);
            }
        }
    }
    return sum * share;
}

/// The sides of box `k`; returns its picture.
static ptrdiff_t sides(const struct boxes *b, ptrdiff_t k, struct side *down, struct side *across) {
    const float *box = b->boxes + 5 * k;
    *across = side_of(b->reading, box[1], box[3], b->reading->cells_across);
    *down = side_of(b->reading, box[2], box[4], b->reading->cells_down);
    return (ptrdiff_t)lrintf(box[0]);
}

static void read_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct boxes *b = context;
    const ptrdiff_t area = (ptrdiff_t)b->height * b->width;
    const int cells = b->reading->cells_down * b->reading->cells_across;
    for (ptrdiff_t i = begin; i < end; i++) {
        struct side down, across;
        const ptrdiff_t picture = sides(b, i / b->channels, &down, &across);
        const float *plane = b->x + (picture * b->channels + i % b->channels) * area;
        for (int cell = 0; cell < cells; cell++)
            b->y[i * cells + cell] = (float)visit_cell(b, &down, &across, cell, plane, 0, 0);
    }
}

void percept_read_boxes(const float *x, const float *boxes, float *y, ptrdiff_t count,
                        ptrdiff_t channels, int height, int width,
                        const struct percept_box_reading *reading, int threads) {
    struct boxes b = {x, boxes, y, count, channels, height, width, reading};
    percept_parallel_for(count * channels, 16, threads, read_range, &b);
}

/// One plane of the features at a time: what several boxes give it is added in their order.
static void give_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct boxes *b = context;
    const ptrdiff_t area = (ptrdiff_t)b->height * b->width;
    const int cells = b->reading->cells_down * b->reading->cells_across;
    for (ptrdiff_t plane = begin; plane < end; plane++) {
        float *target = b->y + plane * area;
        memset(target, 0, (size_t)area * sizeof *target);
        for (ptrdiff_t k = 0; k < b->count; k++) {
            struct side down, across;
            if (sides(b, k, &down, &across) != plane / b->channels) continue;
            const float *cotangent = b->x + (k * b->channels + plane % b->channels) * cells;
            for (int cell = 0; cell < cells; cell++)
                visit_cell(b, &down, &across, cell, 0, target, cotangent[cell]);
        }
    }
}

void percept_read_boxes_backward(const float *cotangent, const float *boxes, float *result,
                                 ptrdiff_t count, ptrdiff_t pictures, ptrdiff_t channels,
                                 int height, int width, const struct percept_box_reading *reading,
                                 int threads) {
    struct boxes b = {cotangent, boxes, result, count, channels, height, width, reading};
    percept_parallel_for(pictures * channels, 1, threads, give_range, &b);
}
