// Dense inverse search: image pyramids and the coarse-to-fine search for motion between two of them.
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "packing.h"

/// Samples that every level repeats beyond each edge, so that a patch may lie partly outside.
enum { PERCEPT_LEVEL_PADDING = 16 };

/// One level of a pyramid: luma in quarters of an 8-bit step. `base` is sample (0, 0); each row has
/// `PERCEPT_LEVEL_PADDING` samples before and after it, and as many rows lie above and below.
struct percept_level {
    int16_t *base;
    ptrdiff_t stride;
    int width, height;
};

/// Half-size level of a luma plane of `depth` bits (8 ... 16), edges repeated.
void percept_level_from_luma(const struct percept_samples *luma, int depth,
                             const struct percept_level *level, int threads);

/// Next coarser level of a level: half the size, rounded up.
void percept_level_halve(const struct percept_level *fine, const struct percept_level *coarse,
                         int threads);

/// A dense flow of one level: displacement in samples of that level, row by row.
struct percept_flow {
    float *x, *y;
    int width, height;
};

struct percept_search {
    /// Patches are 8x8, `4` apart; number of Gauss-Newton steps at most.
    int iterations;
    /// Added to the structure tensor's diagonal, in squared 8-bit steps: patches flatter than the
    /// coding noise stay where their neighbours put them.
    float regularisation;
    /// Mean squared difference, in squared 8-bit steps, below which a patch is not refined.
    float good_enough;
    /// Factor between the level's samples and the units of `flow` and `seed`.
    float gain;
};

/// Number of patches along an extent of `size` samples.
static inline int percept_patches(int size) { return (size + 3) / 4 + 1; }

/// Bytes of scratch memory that a search at a level of this size needs.
ptrdiff_t percept_search_scratch(int width, int height);

/// Finds where each patch of `current` lies in `reference`. `coarse` is the flow of the next coarser
/// level or null, `seed` a flow of this level's size that competes with it, or null. `flow` receives
/// the dense flow and `error` (may be null) the root mean squared difference that is left, in 8-bit
/// steps, for each 4x4 samples. Results do not depend on `threads`.
void percept_inverse_search(const struct percept_level *current,
                            const struct percept_level *reference,
                            const struct percept_flow *coarse, const struct percept_flow *seed,
                            const struct percept_search *parameters,
                            const struct percept_flow *flow, float *error, void *scratch,
                            int threads);

/// Mean over 8x8 blocks of the variance of a level, in squared 8-bit steps, and its histogram in 64
/// bins of four 8-bit steps. Blocks that do not fit are left out of the variance.
float percept_level_statistics(const struct percept_level *level, uint32_t histogram[64]);
