// Sums behind PSNR, SSIM and the blind look at compression damage.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "packing.h"

/// Sum of squared differences of two planes of equal size.
uint64_t percept_squared_error(const struct percept_samples *a, const struct percept_samples *b,
                               int threads);

/// Whether two planes of equal size hold the same samples.
int percept_equal_samples(const struct percept_samples *a, const struct percept_samples *b);

/// A plane as floats, `width * height` of them, multiplied by `scale`.
void percept_to_float(const struct percept_samples *samples, float scale, float *out, int threads);

/// Means of 2x2 samples of a float plane; the last row or column of an odd size is dropped.
void percept_halve_float(const float *x, int width, int height, float *out, int threads);

/// Means over the picture of SSIM and of its contrast-structure part, with an 11x11 Gaussian window
/// of deviation 1.5 at every position where the window fits (no padding). `c1` and `c2` are the
/// stabilisers. Widths and heights are at least 11. `row_sums` holds two doubles for each of the
/// `height - 10` rows and receives their sums.
void percept_ssim(const float *a, const float *b, int width, int height, float c1, float c2,
                  double *row_sums, int threads, double *ssim, double *contrast);

/// Energies (sums of squares) of the LL, HL, LH and HH subbands of a plane times `scale`; a last odd
/// row or column is left out.
void percept_subband_energy(const struct percept_samples *samples, float scale, double energy[4]);

/// Sum of squares of `(a1 - a0) - (b1 - b0)`: how differently two sequences change.
uint64_t percept_temporal_error(const struct percept_samples *a0, const struct percept_samples *a1,
                                const struct percept_samples *b0, const struct percept_samples *b1);

/// For each column `x` the mean step between it and column `x - 1` beyond what the slopes on both
/// sides announce, and the same for each row; steps are cut off at `limit` code values, so that the
/// picture's own edges do not count more. The first two and the last entries are 0.
void percept_step_profiles(const struct percept_samples *samples, int limit, float *columns,
                           float *rows);

enum { PERCEPT_DAMAGE_BLOCK = 32, PERCEPT_DAMAGE_FEATURES = 9 };

/// Features of each 32x32 block, row by row (`ceil(width / 32) * ceil(height / 32)` blocks, those at
/// the right and lower edges moved inwards): for levels 1, 2 and 3 of the Haar transform, in 8-bit
/// steps, the mean of |HL| + |LH|, the mean of |HH| and the share of positions where all are (next
/// to) nothing.
void percept_damage_features(const struct percept_samples *samples, int depth, float *features,
                             int threads);
