#include "channels.h"

#include <math.h>

#include "parallel.h"
#include "simd.h"

// A row is what lies together: `area` groups of `block` channels, or one channel's `area` elements.
// Long sums of floats lose digits: each chunk of a row is summed in floats, chunks in doubles.
enum { CHUNK = 64, LANES = 16 };

struct task {
    const struct percept_channels *shape;
    const float *dy, *x, *moments, *scale, *shift, *sums;
    float *result;
    float epsilon;
};

static ptrdiff_t row_count(const struct percept_channels *s) {
    return (s->channels + s->block - 1) / s->block;
}

static ptrdiff_t row_size(const struct percept_channels *s) { return s->area * s->block; }

/// Where row `row` of picture `n` begins.
static ptrdiff_t row_start(const struct percept_channels *s, ptrdiff_t n, ptrdiff_t row) {
    return (n * row_count(s) + row) * row_size(s);
}

/// Each lane's channel; a row of one channel has it in all lanes. Lanes that only fill up have none: -1.
static void lanes_of_row(const struct percept_channels *s, ptrdiff_t row, ptrdiff_t *channel) {
    for (int lane = 0; lane < LANES; lane++) {
        const ptrdiff_t c = row * s->block + lane % s->block;
        channel[lane] = c < s->channels ? c : -1;
    }
}

/// What lanes have counted so far: how much, its mean, and the sum of squared distances from that.
struct tally {
    double count, mean[LANES], squares[LANES];
};

PERCEPT_INLINE void add_chunk(struct tally *t, const float *x, int count) {
    float sum[LANES] = {0}, mean[LANES], squares[LANES] = {0};
    for (int i = 0; i < count; i++) {
        for (int l = 0; l < LANES; l++) sum[l] += x[i * LANES + l];
    }
    for (int l = 0; l < LANES; l++) mean[l] = sum[l] / (float)count;
    for (int i = 0; i < count; i++) {
        for (int l = 0; l < LANES; l++) {
            const float distance = x[i * LANES + l] - mean[l];
            squares[l] += distance * distance;
        }
    }
    // Chan, Golub and LeVeque (1979): two parts' moments make the whole's.
    const double total = t->count + count;
    for (int l = 0; l < LANES; l++) {
        // The chunk's mean is rounded; its sum is nearer the truth.
        const double own = (double)sum[l] / count, gap = own - t->mean[l];
        const double rounding = own - mean[l];
        t->squares[l] += squares[l] - rounding * rounding * count
                         + gap * gap * t->count * count / total;
        t->mean[l] += gap * count / total;
    }
    t->count = total;
}

/// Brings what lanes counted together where they are of one channel.
static void merge(struct tally *t, int lanes) {
    if (t->count == 0) return;
    for (int l = lanes; l < LANES; l++) {
        const int into = l % lanes;
        const double held = t->count * (l / lanes), total = held + t->count;
        const double gap = t->mean[l] - t->mean[into];
        t->squares[into] += t->squares[l] + gap * gap * held * t->count / total;
        t->mean[into] += gap * t->count / total;
    }
}

PERCEPT_CLONES static void moments_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct task *t = context;
    const struct percept_channels *s = t->shape;
    const ptrdiff_t size = row_size(s), whole = size / LANES;
    for (ptrdiff_t row = begin; row < end; row++) {
        struct tally tally = {0};
        // Elements that fill no vector of lanes: at most 15 a row.
        double rest_count = 0, rest_mean[LANES] = {0}, rest_squares[LANES] = {0};
        for (ptrdiff_t n = 0; n < s->batch; n++) {
            const float *x = t->x + row_start(s, n, row);
            for (ptrdiff_t i = 0; i < whole; i += CHUNK) {
                const ptrdiff_t left = whole - i;
                add_chunk(&tally, x + i * LANES, (int)(left < CHUNK ? left : CHUNK));
            }
            for (ptrdiff_t i = whole * LANES; i < size; i += s->block) {
                rest_count++;
                for (int l = 0; l < s->block; l++) {
                    const double gap = x[i + l] - rest_mean[l];
                    rest_mean[l] += gap / rest_count;
                    rest_squares[l] += gap * (x[i + l] - rest_mean[l]);
                }
            }
        }
        merge(&tally, s->block);
        const double count = tally.count * (LANES / s->block), total = count + rest_count;
        for (int l = 0; l < s->block; l++) {
            const ptrdiff_t channel = row * s->block + l;
            if (channel >= s->channels) break;
            const double gap = rest_mean[l] - tally.mean[l];
            const double squares =
                tally.squares[l] + rest_squares[l] + gap * gap * count * rest_count / total;
            t->result[channel] = (float)(tally.mean[l] + gap * rest_count / total);
            t->result[s->channels + channel] = (float)(squares / total);
        }
    }
}

void percept_channel_moments(const struct percept_channels *shape, const float *x, float *moments,
                             int threads) {
    struct task t = {.shape = shape, .x = x, .result = moments};
    percept_parallel_for(row_count(shape), 1, threads, moments_range, &t);
}

PERCEPT_CLONES static void sums_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct task *t = context;
    const struct percept_channels *s = t->shape;
    const ptrdiff_t size = row_size(s), whole = size / LANES;
    for (ptrdiff_t row = begin; row < end; row++) {
        ptrdiff_t channel[LANES];
        float mean[LANES];
        lanes_of_row(s, row, channel);
        for (int l = 0; l < LANES; l++) mean[l] = channel[l] < 0 ? 0 : t->moments[channel[l]];
        double products[LANES] = {0}, sums[LANES] = {0};
        for (ptrdiff_t n = 0; n < s->batch; n++) {
            const ptrdiff_t start = row_start(s, n, row);
            const float *dy = t->dy + start, *x = t->x + start;
            for (ptrdiff_t i = 0; i < whole; i += CHUNK) {
                const ptrdiff_t last = whole - i < CHUNK ? whole : i + CHUNK;
                float product[LANES] = {0}, sum[LANES] = {0};
                for (ptrdiff_t j = i; j < last; j++) {
                    for (int l = 0; l < LANES; l++) {
                        const float d = dy[j * LANES + l];
                        product[l] += d * (x[j * LANES + l] - mean[l]);
                        sum[l] += d;
                    }
                }
                for (int l = 0; l < LANES; l++) products[l] += product[l];
                for (int l = 0; l < LANES; l++) sums[l] += sum[l];
            }
            for (ptrdiff_t i = whole * LANES; i < size; i++) {
                const int l = (int)(i % s->block);
                products[l] += (double)dy[i] * (x[i] - mean[l]);
                sums[l] += dy[i];
            }
        }
        for (int l = 0; l < s->block && channel[l] >= 0; l++) {
            double product = 0, sum = 0;
            for (int other = l; other < LANES; other += s->block) {
                product += products[other];
                sum += sums[other];
            }
            const double variance = t->moments[s->channels + channel[l]];
            t->result[channel[l]] = (float)(product / sqrt(variance + t->epsilon));
            t->result[s->channels + channel[l]] = (float)sum;
        }
    }
}

void percept_batch_norm_sums(const struct percept_channels *shape, const float *dy, const float *x,
                             const float *moments, float epsilon, float *sums, int threads) {
    struct task t = {.shape = shape, .dy = dy, .x = x, .moments = moments, .epsilon = epsilon,
                     .result = sums};
    percept_parallel_for(row_count(shape), 1, threads, sums_range, &t);
}

/// result = a * first + b * second + c, lane by lane; either may be where the result goes.
PERCEPT_INLINE void combine(const float *first, const float *second, float *result, ptrdiff_t size,
                            int block, const float *a, const float *b, const float *c) {
    const v16f av = load16f(a), bv = load16f(b), cv = load16f(c);
    ptrdiff_t i = 0;
    for (; i + LANES <= size; i += LANES) {
        store16f(result + i, av * load16f(first + i) + (bv * load16f(second + i) + cv));
    }
    for (; i < size; i++) {
        const int l = (int)(i % block);
        result[i] = a[l] * first[i] + (b[l] * second[i] + c[l]);
    }
}

PERCEPT_CLONES static void normalise_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct task *t = context;
    const struct percept_channels *s = t->shape;
    const ptrdiff_t rows = row_count(s), size = row_size(s);
    for (ptrdiff_t item = begin; item < end; item++) {
        ptrdiff_t channel[LANES];
        float a[LANES] = {0}, b[LANES] = {0}, c[LANES] = {0};
        lanes_of_row(s, item % rows, channel);
        for (int l = 0; l < LANES; l++) {
            if (channel[l] < 0) continue;
            const float variance = t->moments[s->channels + channel[l]];
            a[l] = t->scale[channel[l]] / sqrtf(variance + t->epsilon);
            c[l] = t->shift[channel[l]] - t->moments[channel[l]] * a[l];
        }
        const float *x = t->x + item * size;
        combine(x, x, t->result + item * size, size, s->block, a, b, c);
    }
}

void percept_batch_normalise(const struct percept_channels *shape, const float *x,
                             const float *moments, const float *scale, const float *shift,
                             float epsilon, float *y, int threads) {
    struct task t = {.shape = shape, .x = x, .moments = moments, .scale = scale, .shift = shift,
                     .epsilon = epsilon, .result = y};
    percept_parallel_for(shape->batch * row_count(shape), 1, threads, normalise_range, &t);
}

PERCEPT_CLONES static void gradient_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct task *t = context;
    const struct percept_channels *s = t->shape;
    const ptrdiff_t rows = row_count(s), size = row_size(s);
    const float count = (float)(s->batch * s->area);
    for (ptrdiff_t item = begin; item < end; item++) {
        ptrdiff_t channel[LANES];
        float a[LANES] = {0}, b[LANES] = {0}, c[LANES] = {0};
        lanes_of_row(s, item % rows, channel);
        for (int l = 0; l < LANES; l++) {
            if (channel[l] < 0) continue;
            const float deviation = sqrtf(t->moments[s->channels + channel[l]] + t->epsilon);
            a[l] = t->scale[channel[l]] / deviation;
            b[l] = -a[l] * t->sums[channel[l]] / (count * deviation);
            c[l] = -a[l] * t->sums[s->channels + channel[l]] / count
                   - b[l] * t->moments[channel[l]];
        }
        combine(t->dy + item * size, t->x + item * size, t->result + item * size, size, s->block,
                a, b, c);
    }
}

void percept_batch_norm_gradient(const struct percept_channels *shape, const float *dy,
                                 const float *x, const float *moments, const float *scale,
                                 const float *sums, float epsilon, float *dx, int threads) {
    struct task t = {.shape = shape, .dy = dy, .x = x, .moments = moments, .scale = scale,
                     .sums = sums, .epsilon = epsilon, .result = dx};
    percept_parallel_for(shape->batch * row_count(shape), 1, threads, gradient_range, &t);
}
