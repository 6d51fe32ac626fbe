#include "quality.h"

#include "parallel.h"
#include "simd.h"

enum { WINDOW = 11, TILE = 256 };

// Gaussian of deviation 1.5, normalised to a sum of 1.
static const float window[WINDOW] = {0.00102838f, 0.00759876f, 0.03600077f, 0.10936069f,
                                     0.21300553f, 0.26601172f, 0.21300553f, 0.10936069f,
                                     0.03600077f, 0.00759876f, 0.00102838f};

struct pair {
    const struct percept_samples *a, *b;
    uint64_t *rows;
};

PERCEPT_INLINE uint64_t row_error8(const uint8_t *a, const uint8_t *b, int count) {
    uint32_t sum = 0;  // 65,536 samples of at most 255 squared fit
    for (int i = 0; i < count; i++) {
        const int32_t d = (int32_t)a[i] - b[i];
        sum += (uint32_t)(d * d);
    }
    return sum;
}

PERCEPT_INLINE uint64_t row_error16(const uint16_t *a, const uint16_t *b, int count) {
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) {
        const int64_t d = (int64_t)a[i] - b[i];
        sum += (uint64_t)(d * d);
    }
    return sum;
}

PERCEPT_CLONES static void error_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct pair *job = context;
    uint64_t sum = 0;
    for (ptrdiff_t y = begin; y < end; y++) {
        const char *a = (const char *)job->a->base + y * job->a->bytes_per_row;
        const char *b = (const char *)job->b->base + y * job->b->bytes_per_row;
        if (job->a->bytes_per_sample == 1)
            sum += row_error8((const uint8_t *)a, (const uint8_t *)b, job->a->width);
        else
            sum += row_error16((const uint16_t *)a, (const uint16_t *)b, job->a->width);
    }
    __atomic_fetch_add(job->rows, sum, __ATOMIC_RELAXED);
}

uint64_t percept_squared_error(const struct percept_samples *a, const struct percept_samples *b,
                               int threads) {
    uint64_t sum = 0;
    struct pair job = {a, b, &sum};
    percept_parallel_for(a->height, 128, threads, error_rows, &job);
    return sum;
}

int percept_equal_samples(const struct percept_samples *a, const struct percept_samples *b) {
    const size_t bytes = (size_t)a->width * (size_t)a->bytes_per_sample;
    for (int y = 0; y < a->height; y++)
        if (memcmp((const char *)a->base + y * a->bytes_per_row,
                   (const char *)b->base + y * b->bytes_per_row, bytes) != 0)
            return 0;
    return 1;
}

struct conversion {
    const struct percept_samples *samples;
    const float *in;
    float *out;
    float scale;
    int width;
};

PERCEPT_CLONES static void convert_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct conversion *job = context;
    const struct percept_samples *s = job->samples;
    for (ptrdiff_t y = begin; y < end; y++) {
        const char *line = (const char *)s->base + y * s->bytes_per_row;
        float *out = job->out + y * s->width;
        if (s->bytes_per_sample == 1)
            for (int i = 0; i < s->width; i++) out[i] = (float)((const uint8_t *)line)[i] * job->scale;
        else
            for (int i = 0; i < s->width; i++)
                out[i] = (float)((const uint16_t *)line)[i] * job->scale;
    }
}

void percept_to_float(const struct percept_samples *samples, float scale, float *out, int threads) {
    struct conversion job = {samples, 0, out, scale, 0};
    percept_parallel_for(samples->height, 64, threads, convert_rows, &job);
}

PERCEPT_CLONES static void halve_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct conversion *job = context;
    const int width = job->width / 2;
    for (ptrdiff_t y = begin; y < end; y++) {
        const float *a = job->in + 2 * y * job->width, *b = a + job->width;
        float *out = job->out + y * width;
        for (int i = 0; i < width; i++)
            out[i] = (a[2 * i] + a[2 * i + 1] + b[2 * i] + b[2 * i + 1]) * 0.25f;
    }
}

void percept_halve_float(const float *x, int width, int height, float *out, int threads) {
    struct conversion job = {0, x, out, 0, width};
    percept_parallel_for(height / 2, 64, threads, halve_rows, &job);
}

struct comparison {
    const float *a, *b;
    int width, height;
    float c1, c2;
    double *rows;
};

// Sixteen positions at a time. Values are taken relative to the window's first sample, so that the
// differences of large squares behind variances keep their digits in single precision.
PERCEPT_CLONES static void ssim_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct comparison *job = context;
    const int positions = job->width - WINDOW + 1;
    float columns[5][TILE + 32] __attribute__((aligned(64)));
    for (ptrdiff_t y = begin; y < end; y++) {
        double total = 0, contrast = 0;
        for (int x = 0; x < positions; x += TILE) {
            const int count = positions - x < TILE ? positions - x : TILE;
            const int samples = count + WINDOW - 1;
            const float *a = job->a + y * job->width + x, *b = job->b + y * job->width + x;
            const float ca = a[(WINDOW / 2) * job->width + count / 2];
            const float cb = b[(WINDOW / 2) * job->width + count / 2];
            // Vertical pass over all five moments.
            for (int i = 0; i < samples; i++) {
                float ma = 0, mb = 0, aa = 0, bb = 0, ab = 0;
                for (int k = 0; k < WINDOW; k++) {
                    const float p = a[k * job->width + i] - ca, q = b[k * job->width + i] - cb;
                    const float wp = window[k] * p, wq = window[k] * q;
                    ma += wp;
                    mb += wq;
                    aa += wp * p;
                    bb += wq * q;
                    ab += wp * q;
                }
                columns[0][i] = ma;
                columns[1][i] = mb;
                columns[2][i] = aa;
                columns[3][i] = bb;
                columns[4][i] = ab;
            }
            for (int m = 0; m < 5; m++)
                for (int i = samples; i < samples + 16; i++) columns[m][i] = 0;
            float ssim[TILE], structure[TILE];
            for (int i = 0; i < count; i++) {
                float moment[5] = {0};
                for (int k = 0; k < WINDOW; k++)
                    for (int m = 0; m < 5; m++) moment[m] += window[k] * columns[m][i + k];
                const float va = moment[2] - moment[0] * moment[0];
                const float vb = moment[3] - moment[1] * moment[1];
                const float cov = moment[4] - moment[0] * moment[1];
                const float ma = moment[0] + ca, mb = moment[1] + cb;
                const float cs = (2 * cov + job->c2) / (va + vb + job->c2);
                structure[i] = cs;
                ssim[i] = cs * (2 * ma * mb + job->c1) / (ma * ma + mb * mb + job->c1);
            }
            for (int i = 0; i < count; i++) {
                total += ssim[i];
                contrast += structure[i];
            }
        }
        job->rows[2 * y] = total;
        job->rows[2 * y + 1] = contrast;
    }
}

void percept_ssim(const float *a, const float *b, int width, int height, float c1, float c2,
                  double *row_sums, int threads, double *ssim, double *contrast) {
    struct comparison job = {a, b, width, height, c1, c2, row_sums};
    const int rows = height - WINDOW + 1;
    percept_parallel_for(rows, 16, threads, ssim_rows, &job);
    double total = 0, structure = 0;
    for (int y = 0; y < rows; y++) {
        total += row_sums[2 * y];
        structure += row_sums[2 * y + 1];
    }
    const double positions = (double)rows * (width - WINDOW + 1);
    *ssim = total / positions;
    *contrast = structure / positions;
}
