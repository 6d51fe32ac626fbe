#include "haar.h"
#include "parallel.h"
#include "quality.h"

enum { BLOCK = PERCEPT_DAMAGE_BLOCK, FEATURES = PERCEPT_DAMAGE_FEATURES, SPAN = 512 };

PERCEPT_INLINE void read_floats(const struct percept_samples *s, int x, int y, int count,
                                float scale, float *out) {
    const char *line = (const char *)s->base + y * s->bytes_per_row;
    if (s->bytes_per_sample == 1)
        for (int i = 0; i < count; i++) out[i] = (float)((const uint8_t *)line)[x + i] * scale;
    else
        for (int i = 0; i < count; i++) out[i] = (float)((const uint16_t *)line)[x + i] * scale;
}

PERCEPT_INLINE double square_sum(const float *values, int count) {
    v16f sum = {0};
    int i = 0;
    for (; i + 16 <= count; i += 16) {
        const v16f v = load16f(values + i);
        sum += v * v;
    }
    double total = 0;
    for (int lane = 0; lane < 16; lane++) total += (double)sum[lane];
    for (; i < count; i++) total += (double)values[i] * (double)values[i];
    return total;
}

PERCEPT_CLONES void percept_subband_energy(const struct percept_samples *samples, float scale,
                                           double energy[4]) {
    float top[SPAN], bottom[SPAN], band[4][SPAN / 2];
    for (int b = 0; b < 4; b++) energy[b] = 0;
    const int width = samples->width / 2 * 2;
    for (int y = 0; y + 1 < samples->height; y += 2)
        for (int x = 0; x < width; x += SPAN) {
            const int count = width - x < SPAN ? width - x : SPAN;
            read_floats(samples, x, y, count, scale, top);
            read_floats(samples, x, y + 1, count, scale, bottom);
            haar_split_rows(top, bottom, band[0], band[1], band[2], band[3], count / 2);
            for (int b = 0; b < 4; b++) energy[b] += square_sum(band[b], count / 2);
        }
}

PERCEPT_CLONES uint64_t percept_temporal_error(const struct percept_samples *a0,
                                               const struct percept_samples *a1,
                                               const struct percept_samples *b0,
                                               const struct percept_samples *b1) {
    uint64_t total = 0;
    for (int y = 0; y < a0->height; y++) {
        const char *p = (const char *)a0->base + y * a0->bytes_per_row;
        const char *q = (const char *)a1->base + y * a1->bytes_per_row;
        const char *r = (const char *)b0->base + y * b0->bytes_per_row;
        const char *s = (const char *)b1->base + y * b1->bytes_per_row;
        if (a0->bytes_per_sample == 1) {
            uint32_t sum = 0;  // 8192 samples of at most 510 squared fit
            int start = 0;
            while (start < a0->width) {
                const int end = start + 8192 < a0->width ? start + 8192 : a0->width;
                sum = 0;
                for (int i = start; i < end; i++) {
                    const int32_t d = ((const uint8_t *)q)[i] - ((const uint8_t *)p)[i] -
                                      ((const uint8_t *)s)[i] + ((const uint8_t *)r)[i];
                    sum += (uint32_t)(d * d);
                }
                total += sum;
                start = end;
            }
        } else {
            for (int i = 0; i < a0->width; i++) {
                const int64_t d = (int64_t)((const uint16_t *)q)[i] - ((const uint16_t *)p)[i] -
                                  ((const uint16_t *)s)[i] + ((const uint16_t *)r)[i];
                total += (uint64_t)(d * d);
            }
        }
    }
    return total;
}

// |2 (b - a) - (a - before) - (after - b)|: twice the step from a to b beyond the slopes around it.
PERCEPT_INLINE int32_t step(int32_t before, int32_t a, int32_t b, int32_t after, int32_t limit) {
    const int32_t d = 3 * (b - a) - (after - before);
    const int32_t m = d < 0 ? -d : d;
    return m < limit ? m : limit;
}

#define STEP_PROFILES(NAME, SAMPLE)                                                                \
    PERCEPT_CLONES static void NAME(const struct percept_samples *s, int limit, float *columns,    \
                                    float *rows) {                                                 \
        for (int y = 0; y < s->height; y++) {                                                      \
            const SAMPLE *line = (const SAMPLE *)((const char *)s->base + y * s->bytes_per_row);   \
            for (int x = 2; x < s->width - 1; x++)                                                 \
                columns[x] +=                                                                      \
                    (float)step(line[x - 2], line[x - 1], line[x], line[x + 1], 2 * limit);        \
            if (y < 2 || y >= s->height - 1) continue;                                             \
            const SAMPLE *a = (const SAMPLE *)((const char *)line - s->bytes_per_row);             \
            const SAMPLE *before = (const SAMPLE *)((const char *)a - s->bytes_per_row);           \
            const SAMPLE *after = (const SAMPLE *)((const char *)line + s->bytes_per_row);         \
            int64_t sum = 0;                                                                       \
            for (int start = 0; start < s->width; start += 4096) {                                 \
                const int end = start + 4096 < s->width ? start + 4096 : s->width;                 \
                int32_t part = 0;                                                                  \
                for (int x = start; x < end; x++)                                                  \
                    part += step(before[x], a[x], line[x], after[x], 2 * limit);                   \
                sum += part;                                                                       \
            }                                                                                      \
            rows[y] = (float)sum;                                                                  \
        }                                                                                          \
    }

STEP_PROFILES(step_profiles8, uint8_t)
STEP_PROFILES(step_profiles16, uint16_t)

void percept_step_profiles(const struct percept_samples *samples, int limit, float *columns,
                           float *rows) {
    memset(columns, 0, (size_t)samples->width * sizeof(float));
    memset(rows, 0, (size_t)samples->height * sizeof(float));
    if (samples->bytes_per_sample == 1)
        step_profiles8(samples, limit, columns, rows);
    else
        step_profiles16(samples, limit, columns, rows);
    for (int x = 0; x < samples->width; x++) columns[x] /= 2.0f * (float)samples->height;
    for (int y = 0; y < samples->height; y++) rows[y] /= 2.0f * (float)samples->width;
}

struct damage {
    const struct percept_samples *samples;
    int shift, columns;
    float *features;
};

// One level of the transform without its factors: sums of four, and absolute differences.
PERCEPT_INLINE void level_features(const int16_t *in, int16_t *out, int width, int height,
                                   int nothing, float unit, float *features) {
    int32_t edges = 0, corners = 0, flat = 0;
    for (int y = 0; y < height / 2; y++) {
        const int16_t *top = in + 2 * y * width, *bottom = top + width;
        int16_t edge[BLOCK / 2], corner[BLOCK / 2];
        for (int x = 0; x < width / 2; x++) {
            const int16_t a = top[2 * x], c = top[2 * x + 1];
            const int16_t b = bottom[2 * x], d = bottom[2 * x + 1];
            const int16_t hl = (int16_t)(c + d - a - b), lh = (int16_t)(b + d - a - c);
            const int16_t hh = (int16_t)(a + d - b - c);
            edge[x] = (int16_t)((hl < 0 ? -hl : hl) + (lh < 0 ? -lh : lh));
            corner[x] = (int16_t)(hh < 0 ? -hh : hh);
            out[y * (width / 2) + x] = (int16_t)(a + b + c + d);
        }
        for (int x = 0; x < width / 2; x++) {
            edges += edge[x];
            corners += corner[x];
            flat += edge[x] + corner[x] <= nothing;
        }
    }
    const float count = (float)(width / 2 * (height / 2));
    features[0] = (float)edges * unit / count;
    features[1] = (float)corners * unit / count;
    features[2] = (float)flat / count;
}

PERCEPT_CLONES static void damage_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct damage *job = context;
    const struct percept_samples *s = job->samples;
    const int width = s->width < BLOCK ? s->width / 8 * 8 : BLOCK;
    const int height = s->height < BLOCK ? s->height / 8 * 8 : BLOCK;
    int16_t block[BLOCK * BLOCK], half[BLOCK * BLOCK / 4], quarter[BLOCK * BLOCK / 16], rest[16];
    for (int row = (int)begin; row < (int)end; row++) {
        const int y0 = row * BLOCK + height <= s->height ? row * BLOCK : s->height - height;
        for (int column = 0; column < job->columns; column++) {
            const int x0 = column * BLOCK + width <= s->width ? column * BLOCK : s->width - width;
            float *features = job->features + (row * job->columns + column) * FEATURES;
            if (width == 0 || height == 0) {
                memset(features, 0, FEATURES * sizeof(float));
                continue;
            }
            for (int y = 0; y < height; y++) {
                const char *line = (const char *)s->base + (y0 + y) * s->bytes_per_row;
                int16_t *out = block + y * width;
                if (s->bytes_per_sample == 1)
                    for (int x = 0; x < width; x++) out[x] = ((const uint8_t *)line)[x0 + x];
                else
                    for (int x = 0; x < width; x++)
                        out[x] = (int16_t)((((const uint16_t *)line)[x0 + x] +
                                            (1 << job->shift >> 1)) >>
                                           job->shift);
            }
            // 255 * 64 still fits: three levels need no rounding.
            level_features(block, half, width, height, 1, 0.5f, features);
            level_features(half, quarter, width / 2, height / 2, 4, 0.25f, features + 3);
            level_features(quarter, rest, width / 4, height / 4, 16, 0.125f, features + 6);
        }
    }
}

void percept_damage_features(const struct percept_samples *samples, int depth, float *features,
                             int threads) {
    struct damage job = {samples, depth > 8 ? depth - 8 : 0, (samples->width + BLOCK - 1) / BLOCK,
                         features};
    percept_parallel_for((samples->height + BLOCK - 1) / BLOCK, 4, threads, damage_rows, &job);
}
