// Patterns of bytes that are known in a part only, and the stored ones that are least unlike them.
#pragma once
#include <stddef.h>
#include <stdint.h>

enum {
    /// Bytes of a pattern.
    PERCEPT_PATTERN_BYTES = 96,
    /// The byte that stands for the number 0.
    PERCEPT_PATTERN_ZERO = 128,
};

/// For each query the `wanted` keys that are least unlike, the least first and the earlier first where they are equal.
///
/// Keys are `[count, 96]`, masks `[masks, 96]` of 255 where a byte is known, else 0; queries are `[masks, 2, 96]`, two under
/// each mask. How unlike a query and a key are is the sum of differences by the sum of magnitudes of both, over what is
/// known: 0 to 1. Distances and positions are `[masks, 2, wanted]`; where fewer are found, infinity and -1. Does not depend
/// on `threads` (0: the pool's own number).
void percept_nearest_pieces(const uint8_t *keys, ptrdiff_t count, const uint8_t *masks,
                            const uint8_t *queries, ptrdiff_t mask_count, int wanted,
                            float *distances, int32_t *positions, int threads);
