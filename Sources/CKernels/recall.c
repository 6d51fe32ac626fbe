#include "recall.h"

#include <math.h>
#include <stdlib.h>

#include "parallel.h"
#include "simd.h"

enum { BLOCK = PERCEPT_RECALL_BLOCK, FEATURES = PERCEPT_RECALL_FEATURES, LINES = 5, LANES = 16 };

PERCEPT_INLINE int blocks(int extent) { return (extent + BLOCK - 1) / BLOCK; }
PERCEPT_INLINE int end_of(int block, int extent) {
    return block * BLOCK + BLOCK < extent ? block * BLOCK + BLOCK : extent;
}

// MARK: sums

struct sums_job {
    struct percept_recall p;
    float unit;
    float *sums;
};

// Columns are summed over the rows of a block first, so that whole lines are added at once.
PERCEPT_INLINE void add_lines(const struct percept_recall *p, int top, int bottom, float *lines[]) {
    const ptrdiff_t plane = (ptrdiff_t)p->width * p->height;
    for (int channel = 0; channel < 4; channel++)
        for (int y = top; y < bottom; y++) {
            const float *a = p->decoded + channel * plane + (ptrdiff_t)y * p->width;
            const float *b = p->recalled + channel * plane + (ptrdiff_t)y * p->width;
            for (int x = 0; x < p->width; x++) lines[0][x] += (a[x] - b[x]) * (a[x] - b[x]);
            if (channel > 0)
                for (int x = 0; x < p->width; x++) {
                    lines[1][x] += a[x] * a[x];
                    lines[2][x] += b[x] * b[x];
                }
            else
                for (int x = 0; x < p->width; x++)
                    lines[y - top < 2 ? 3 : 4][x] += a[x] - b[x];
        }
}

PERCEPT_INLINE float variance(const float *flow, int width, int left, int right, int top,
                              int bottom) {
    float sum = 0, squares = 0, count = 0;
    for (int y = top; y < bottom; y++)
        for (int x = left; x < right; x++) {
            const float value = flow[(ptrdiff_t)y * width + x];
            sum += value;
            squares += value * value;
            count += 1;
        }
    count = count > 1 ? count : 1;
    const float result = squares / count - sum * sum / (count * count);
    return result > 0 ? result : 0;
}

PERCEPT_CLONES static void sums_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct sums_job *job = context;
    const struct percept_recall *p = &job->p;
    const int columns = blocks(p->width);
    const ptrdiff_t count = (ptrdiff_t)blocks(p->height) * columns;
    float *lines[LINES], *memory = malloc(sizeof(float) * LINES * (size_t)p->width);
    for (int i = 0; i < LINES; i++) lines[i] = memory + (ptrdiff_t)i * p->width;
    for (int row = (int)begin; row < (int)end; row++) {
        const int top = row * BLOCK, bottom = end_of(row, p->height);
        memset(memory, 0, sizeof(float) * LINES * (size_t)p->width);
        add_lines(p, top, bottom, lines);
        for (int column = 0; column < columns; column++) {
            const int left = column * BLOCK, right = end_of(column, p->width);
            float whole = 0, coarse = 0, parts = 0, detail = 0, recalled = 0;
            for (int x = left; x < right; x++) {
                whole += lines[0][x];
                detail += lines[1][x];
                recalled += lines[2][x];
            }
            // The transform is orthonormal: LL is twice the mean of 2x2 samples.
            for (int half = 0; top + 2 * half < bottom; half++) {
                const int tall = bottom - top - 2 * half < 2 ? 1 : 2;
                for (int x = left; x < right; x += 2) {
                    const int wide = right - x < 2 ? 1 : 2;
                    float sum = lines[3 + half][x];
                    if (wide == 2) sum += lines[3 + half][x + 1];
                    const float mean = sum / (float)(2 * tall * wide);
                    coarse += mean * mean;
                    parts += 1;
                }
            }
            const float scale = job->unit / (float)(4 * (right - left) * (bottom - top));
            const int inner = right < p->flow_width ? right : p->flow_width;
            const int lower = bottom < p->flow_height ? bottom : p->flow_height;
            float *sums = job->sums + (ptrdiff_t)row * columns + column;
            sums[0] = whole * scale;
            sums[count] = coarse / parts * job->unit;
            sums[2 * count] = detail * scale;
            sums[3 * count] = recalled * scale;
            sums[4 * count] = variance(p->flow_x, p->flow_width, left, inner, top, lower) +
                              variance(p->flow_y, p->flow_width, left, inner, top, lower);
        }
    }
    free(memory);
}

void percept_recall_sums(const struct percept_recall *pictures, float unit, float *sums,
                         int threads) {
    struct sums_job job = {*pictures, unit, sums};
    percept_parallel_for(blocks(pictures->height), 4, threads, sums_range, &job);
}

// MARK: features

struct features_job {
    const float *sums, *shared;
    int rows, columns;
    float *features;
};

static void features_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct features_job *job = context;
    const ptrdiff_t count = (ptrdiff_t)job->rows * job->columns;
    for (int row = (int)begin; row < (int)end; row++)
        for (int column = 0; column < job->columns; column++) {
            float around = 0;
            for (int y = row - 1; y <= row + 1; y++)
                for (int x = column - 1; x <= column + 1; x++)
                    around += job->sums[(ptrdiff_t)clamp_int(y, 0, job->rows - 1) * job->columns +
                                        clamp_int(x, 0, job->columns - 1)];
            const ptrdiff_t at = (ptrdiff_t)row * job->columns + column;
            const float *sums = job->sums + at;
            const float detail = sums[2 * count], recalled = sums[3 * count];
            float *features = job->features + at;
            features[0] = logf(sums[0] + 0.01f);
            features[count] = logf(sums[count] + 0.001f);
            features[2 * count] = logf(around / 9 + 0.01f);
            for (int i = 0; i < 3; i++) features[(3 + i) * count] = job->shared[i];
            features[6 * count] = logf(detail + 0.01f);
            features[7 * count] = logf((recalled + 0.02f) / (detail + 0.02f));
            features[8 * count] = logf(sums[4 * count] + 0.01f);
        }
}

void percept_recall_features(const float *sums, int rows, int columns, const float *shared,
                             float *features, int threads) {
    struct features_job job = {sums, shared, rows, columns, features};
    percept_parallel_for(rows, 4, threads, features_range, &job);
}

// MARK: weights

struct weights_job {
    const float *features, *means, *deviations, *coefficients;
    ptrdiff_t count;
    float most;
    float *weights;
};

PERCEPT_CLONES static void weights_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct weights_job *job = context;
    for (ptrdiff_t start = begin * LANES; start < end * LANES && start < job->count;
         start += LANES) {
        const int lanes = job->count - start < LANES ? (int)(job->count - start) : LANES;
        float x[FEATURES][LANES] = {{0}}, sum[LANES];
        for (int i = 0; i < FEATURES; i++)
            for (int k = 0; k < lanes; k++) {
                const float value =
                    (job->features[i * job->count + start + k] - job->means[i]) /
                    job->deviations[i];
                x[i][k] = value < -3 ? -3 : value > 3 ? 3 : value;
            }
        const float *next = job->coefficients + 1 + FEATURES;
        for (int k = 0; k < LANES; k++) sum[k] = job->coefficients[0];
        for (int i = 0; i < FEATURES; i++) {
            float inner[LANES];
            for (int k = 0; k < LANES; k++) inner[k] = job->coefficients[1 + i];
            for (int j = i; j < FEATURES; j++, next++)
                for (int k = 0; k < LANES; k++) inner[k] += *next * x[j][k];
            for (int k = 0; k < LANES; k++) sum[k] += inner[k] * x[i][k];
        }
        for (int k = 0; k < lanes; k++) job->weights[start + k] = job->most / (1 + expf(-sum[k]));
    }
}

void percept_recall_weights(const float *features, ptrdiff_t count, const float *means,
                            const float *deviations, const float *coefficients, float most,
                            float *weights, int threads) {
    struct weights_job job = {features, means, deviations, coefficients, count, most, weights};
    percept_parallel_for((count + LANES - 1) / LANES, 16, threads, weights_range, &job);
}

// MARK: blending

struct blend_job {
    const float *others, *weights;
    int width, height;
    float *packets;
};

// Where a position lies between the centres of blocks; edges repeated.
PERCEPT_INLINE float between(int index, int count, int *low, int *high) {
    float at = ((float)index + 0.5f) / BLOCK - 0.5f;
    at = at > 0 ? at : 0;
    *low = clamp_int((int)at, 0, count - 1);
    *high = clamp_int((int)at + 1, 0, count - 1);
    return at - (float)(int)at;
}

PERCEPT_CLONES static void blend_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct blend_job *job = context;
    const int columns = blocks(job->width), rows = blocks(job->height);
    const ptrdiff_t plane = (ptrdiff_t)job->width * job->height;
    float *line = malloc(sizeof(float) * (size_t)(columns + job->width)), *weights = line + columns;
    for (int y = (int)begin; y < (int)end; y++) {
        int low, high;
        const float down = between(y, rows, &low, &high);
        const float *above = job->weights + (ptrdiff_t)low * columns;
        const float *below = job->weights + (ptrdiff_t)high * columns;
        for (int i = 0; i < columns; i++) line[i] = above[i] + down * (below[i] - above[i]);
        for (int x = 0; x < job->width; x++) {
            const float across = between(x, columns, &low, &high);
            weights[x] = line[low] + across * (line[high] - line[low]);
        }
        for (int channel = 0; channel < 4; channel++) {
            const float *other = job->others + channel * plane + (ptrdiff_t)y * job->width;
            float *own = job->packets + channel * plane + (ptrdiff_t)y * job->width;
            for (int x = 0; x < job->width; x++) own[x] = weights[x] * (other[x] - own[x]);
        }
    }
    free(line);
}

void percept_recall_blend(const float *others, const float *weights, int width, int height,
                          float *packets, int threads) {
    struct blend_job job = {others, weights, width, height, packets};
    percept_parallel_for(height, 16, threads, blend_range, &job);
}
