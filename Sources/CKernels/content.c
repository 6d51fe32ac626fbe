#include "content.h"

#include "parallel.h"
#include "simd.h"

enum { CELL = PERCEPT_CONTENT_CELL, FIGURES = PERCEPT_CONTENT_FIGURES, FLAT = 3, EDGE = 40 };

struct content {
    const struct percept_samples *samples;
    int shift, columns;
    float *figures;
};

#define CONTENT_ROW(NAME, SAMPLE)                                                                  \
    PERCEPT_INLINE void NAME(const struct content *job, int row) {                                 \
        const struct percept_samples *s = job->samples;                                            \
        const int top = row * CELL, bottom = top + CELL < s->height ? top + CELL : s->height;      \
        for (int column = 0; column < job->columns; column++) {                                    \
            const int left = column * CELL;                                                        \
            const int width = left + CELL < s->width ? CELL : s->width - left;                     \
            const int steps = left + CELL < s->width ? CELL : width - 1;                           \
            int32_t flat = 0, edges = 0, sum = 0;                                                  \
            for (int y = top; y < bottom; y++) {                                                   \
                const SAMPLE *line =                                                               \
                    (const SAMPLE *)((const char *)s->base + y * s->bytes_per_row) + left;         \
                const SAMPLE *below =                                                              \
                    y + 1 < s->height                                                              \
                        ? (const SAMPLE *)((const char *)line + s->bytes_per_row)                  \
                        : line;                                                                    \
                int32_t change[CELL] = {0};                                                        \
                for (int x = 0; x < width; x++) {                                                  \
                    const int32_t d = below[x] - line[x];                                          \
                    change[x] = d < 0 ? -d : d;                                                    \
                }                                                                                  \
                for (int x = 0; x < steps; x++) {                                                  \
                    const int32_t d = line[x + 1] - line[x];                                       \
                    change[x] += d < 0 ? -d : d;                                                   \
                }                                                                                  \
                for (int x = 0; x < width; x++) {                                                  \
                    flat += change[x] <= (FLAT << job->shift);                                     \
                    edges += change[x] >= (EDGE << job->shift);                                    \
                    sum += change[x];                                                              \
                }                                                                                  \
            }                                                                                      \
            const float count = (float)(width * (bottom - top));                                   \
            float *figures = job->figures + (row * job->columns + column) * FIGURES;               \
            figures[0] = (float)flat / count;                                                      \
            figures[1] = (float)edges / count;                                                     \
            figures[2] = (float)sum / count / (float)(1 << job->shift);                            \
        }                                                                                          \
    }

CONTENT_ROW(content_row8, uint8_t)
CONTENT_ROW(content_row16, uint16_t)

PERCEPT_CLONES static void content_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct content *job = context;
    for (int row = (int)begin; row < (int)end; row++)
        if (job->samples->bytes_per_sample == 1)
            content_row8(job, row);
        else
            content_row16(job, row);
}

void percept_content_figures(const struct percept_samples *samples, int depth, float *figures,
                             int threads) {
    struct content job = {samples, depth > 8 ? depth - 8 : 0, (samples->width + CELL - 1) / CELL,
                          figures};
    percept_parallel_for((samples->height + CELL - 1) / CELL, 4, threads, content_rows, &job);
}

struct blend {
    float *packets;
    const float *other, *shares;
    int planes, height, width, group, rows, columns, cell;
};

// The two cells around a position, and how far it is from the first to the second.
struct between {
    int first, second;
    float part;
};

PERCEPT_INLINE struct between around(int position, int cell, int count) {
    const float at = ((float)position + 0.5f) / (float)cell - 0.5f;
    if (at <= 0) return (struct between){0, 0, 0};
    const int first = (int)at;
    if (first >= count - 1) return (struct between){count - 1, count - 1, 0};
    return (struct between){first, first + 1, at - (float)first};
}

PERCEPT_CLONES static void blend_rows(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct blend *job = context;
    for (int y = (int)begin; y < (int)end; y++) {
        const struct between row = around(y, job->cell, job->rows);
        const float *above = job->shares + row.first * job->columns;
        const float *below = job->shares + row.second * job->columns;
        for (int x = 0; x < job->width; x++) {
            const struct between column = around(x, job->cell, job->columns);
            const float left =
                above[column.first] + row.part * (below[column.first] - above[column.first]);
            const float right =
                above[column.second] + row.part * (below[column.second] - above[column.second]);
            const float share = left + column.part * (right - left);
            if (share <= 0) continue;
            for (int plane = 0; plane < job->planes; plane++) {
                const ptrdiff_t at =
                    (((ptrdiff_t)plane * job->height + y) * job->width + x) * job->group;
                float *packets = job->packets + at;
                const float *other = job->other ? job->other + at : 0;
                for (int k = 0; k < job->group; k++)
                    packets[k] += share * ((other ? other[k] : 0) - packets[k]);
            }
        }
    }
}

void percept_blend_packets(float *packets, const float *other, int planes, int height, int width,
                           int group, const float *shares, int rows, int columns, int cell,
                           int threads) {
    struct blend job = {packets, other, shares, planes, height, width,
                        group, rows, columns, cell};
    percept_parallel_for(height, 8, threads, blend_rows, &job);
}
