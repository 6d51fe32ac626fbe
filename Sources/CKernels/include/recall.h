// What is known of a recalled picture, block by block, and how much of it is added.
#pragma once
#include <stddef.h>

enum { PERCEPT_RECALL_BLOCK = 4, PERCEPT_RECALL_SUMS = 5, PERCEPT_RECALL_FEATURES = 9 };

/// Two pictures' LL, HL, LH and HH, `[4, height, width]` each, and where the first lies in the second.
struct percept_recall {
    const float *decoded, *recalled;
    int width, height;
    const float *flow_x, *flow_y;
    int flow_width, flow_height;
};

/// Sums over blocks of 4x4 positions, in planes of rows x columns: squared differences of the samples, and of means over 4x4 samples;
/// squares of HL, LH and HH in both; all as means over samples times `unit`; and the variance of both displacements.
void percept_recall_sums(const struct percept_recall *pictures, float unit, float *sums,
                         int threads);

/// Nine planes of logarithms of these: differences, coarse ones, differences over 3x3 blocks, the three that are `shared` by all,
/// detail, how much of it the recalled picture has, and the variance of motion.
void percept_recall_features(const float *sums, int rows, int columns, const float *shared,
                             float *features, int threads);

/// `most` times the logistic function of a polynomial of second degree over the features, less `means` by `deviations`, held within -3 to 3.
void percept_recall_weights(const float *features, ptrdiff_t count, const float *means,
                            const float *deviations, const float *coefficients, float most,
                            float *weights, int threads);

/// Replaces packets `[4, height, width]` by their weighted difference to others; weights stand at the centres of blocks, bilinear in between.
void percept_recall_blend(const float *others, const float *weights, int width, int height,
                          float *packets, int threads);
