// Sampling of luma along a flow, one displacement for each 2x2 block of samples.
#pragma once
#include "packing.h"
#include "simd.h"

enum { PACKET_TILE = 64 };

/// Samples bilinearly rows `2 * row` and `2 * row + 1`, `2 * count` columns from column `2 * x`, displaced by
/// `dx`, `dy` (one value a 2x2 block, in samples); coordinates are clamped to the plane's edges.
void percept_warp_tile(const struct percept_samples *samples, int x, int row, int count,
                       const float *dx, const float *dy, float *top, float *bottom);

/// The same by cubic convolution, which keeps more of fine detail.
void percept_cubic_tile(const struct percept_samples *samples, int x, int row, int count,
                        const float *dx, const float *dy, float *top, float *bottom);
