// What the parts of a picture are, and blending of packets by a map over it.
#pragma once
#include <stddef.h>

#include "packing.h"

/// Samples of a cell each way, and figures of each.
enum { PERCEPT_CONTENT_CELL = 16, PERCEPT_CONTENT_FIGURES = 3 };

/// Figures of each 16x16 cell of luma, row by row (`ceil(width / 16) * ceil(height / 16)` cells; those at
/// the right and lower edges hold what there is): the share of samples whose steps to the right and
/// downwards add up to at most 3 code values of 8 bits, the share where they add up to 40 or more, and
/// their mean. A last column or row has no step.
void percept_content_figures(const struct percept_samples *samples, int depth, float *figures,
                             int threads);

/// Moves packets `[planes, height, width, group]` towards `other` by shares of 0 ... 1 on a grid of
/// `rows * columns` cells of `cell` positions, bilinear between the centres of cells.
void percept_blend_packets(float *packets, const float *other, int planes, int height, int width,
                           int group, const float *shares, int rows, int columns, int cell,
                           int threads);
