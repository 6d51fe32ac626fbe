// Where a point of a flow reads: shared by the warp of float planes and its two gradients.
#pragma once
#include "simd.h"

/// Where a coordinate reads: the sample before it and how far beyond that it lies. Far outside,
/// both samples are outside too.
PERCEPT_INLINE int split(float point, int extent, int replicate, float *fraction) {
    const float last = (float)(extent - 1);
    if (replicate) {
        // NaN reads the edge: it must not become an index.
        point = point >= 0 ? (point <= last ? point : last) : 0;
    } else if (!(point > -1 && point < (float)extent)) {
        point = -2;
    }
    const int before = (int)(point + 2) - 2;
    *fraction = point - (float)before;
    return before;
}

/// The two samples along one axis that a coordinate reads, at addresses inside the picture, and
/// their weights and slopes; where the edge holds the coordinate there is no slope.
struct pair {
    int first, second;
    float first_weight, second_weight;
    float first_slope, second_slope;
};

PERCEPT_INLINE struct pair pair_at(float point, int extent, int replicate) {
    float fraction;
    const int before = split(point, extent, replicate, &fraction);
    // Weights of samples outside are zero, and their addresses those of the edge.
    const int has_first = before >= 0, has_second = before >= -1 && before + 1 < extent;
    const int moves = !replicate || (point >= 0 && point <= (float)(extent - 1));
    return (struct pair){
        clamp_int(before, 0, extent - 1), clamp_int(before + 1, 0, extent - 1),
        has_first ? 1 - fraction : 0, has_second ? fraction : 0,
        has_first && moves ? -1 : 0, has_second && moves ? 1 : 0,
    };
}
