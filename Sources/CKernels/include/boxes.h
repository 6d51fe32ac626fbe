// Features of boxes, and elements picked along an axis.
#pragma once
#include <stddef.h>

/// How boxes are read: cells each way, feature samples per unit of the boxes, points per cell along
/// each side (0: about one per sample), and by how much corners are moved and how small a box may be.
struct percept_box_reading {
    int cells_down, cells_across, points;
    double scale, shift, least;
};

/// Reads boxes `[count, 5]` (picture, x1, y1, x2, y2) of features `[N, channels, height, width]`
/// into `[count, channels, cells_down, cells_across]`; each picture must be one of the N. Results do
/// not depend on `threads`, here and below.
void percept_read_boxes(const float *x, const float *boxes, float *y, ptrdiff_t count,
                        ptrdiff_t channels, int height, int width,
                        const struct percept_box_reading *reading, int threads);

/// Gives cotangents `[count, channels, cells_down, cells_across]` back to the features of `pictures`
/// pictures.
void percept_read_boxes_backward(const float *cotangent, const float *boxes, float *result,
                                 ptrdiff_t count, ptrdiff_t pictures, ptrdiff_t channels,
                                 int height, int width, const struct percept_box_reading *reading,
                                 int threads);

/// `y[i, k, j] = x[i, positions[k], j]` for x `[outer, extent, inner]` and `count` positions, which
/// are whole numbers from 0 up to `extent`.
void percept_gather(const float *x, const float *positions, float *y, ptrdiff_t outer,
                    ptrdiff_t extent, ptrdiff_t inner, ptrdiff_t count, int threads);

/// Adds `cotangent[i, k, j]` at `result[i, positions[k], j]`, after zeros.
void percept_gather_backward(const float *cotangent, const float *positions, float *result,
                             ptrdiff_t outer, ptrdiff_t extent, ptrdiff_t inner, ptrdiff_t count,
                             int threads);
