#include "packing.h"

#include "haar.h"
#include "parallel.h"
#include "warp.h"

// Work goes in tiles of PACKET_TILE positions of one row: all channels of a tile live on the stack,
// in the first-level cache, and each line of the network's buffer is written once, whole.

enum { TILE = PACKET_TILE, MAX_CHANNELS = 64 };
_Static_assert(TILE % 16 == 0, "tiles are whole vectors");

struct packing {
    const struct percept_packet_source *sources;
    const struct percept_packet_sink *sinks;
    int count;
    const struct percept_packet_layout *packets;
};

// Row `y` of a plane (clamped) as floats, `count` columns from `x`, the last column repeated.
PERCEPT_INLINE void read_row(const struct percept_samples *s, int x, int y, int count, float *out) {
    const char *line =
        (const char *)s->base + clamp_int(y, 0, s->height - 1) * s->bytes_per_row;
    const int inside = clamp_int(s->width - x, 0, count);
    if (s->bytes_per_sample == 1) {
        const uint8_t *p = (const uint8_t *)line + x;
        for (int i = 0; i < inside; i++) out[i] = (float)p[i];
    } else {
        const uint16_t *p = (const uint16_t *)line + x;
        for (int i = 0; i < inside; i++) out[i] = (float)p[i];
    }
    if (inside < count) {
        const float last = s->bytes_per_sample == 1
                               ? (float)((const uint8_t *)line)[s->width - 1]
                               : (float)((const uint16_t *)line)[s->width - 1];
        for (int i = inside; i < count; i++) out[i] = last;
    }
}

// Values of a coarse grid at positions (x ... x + count, row), bilinear, edges repeated.
PERCEPT_INLINE void expand_grid(const float *grid, int width, int height, ptrdiff_t stride,
                                int shift, int x, int row, int count, float *out) {
    if (shift == 0) {
        const float *line = grid + clamp_int(row, 0, height - 1) * stride;
        const int inside = clamp_int(width - x, 0, count);
        for (int i = 0; i < inside; i++) out[i] = line[x + i];
        for (int i = inside; i < count; i++) out[i] = line[width - 1];
        return;
    }
    const float step = 1.0f / (float)(1 << shift);
    const float fy = ((float)row + 0.5f) * step - 0.5f;
    const int y0 = (int)(fy + 1.0f) - 1;
    const float wy = fy - (float)y0;
    const float *upper = grid + clamp_int(y0, 0, height - 1) * stride;
    const float *lower = grid + clamp_int(y0 + 1, 0, height - 1) * stride;
    for (int i = 0; i < count; i++) {
        const float fx = ((float)(x + i) + 0.5f) * step - 0.5f;
        const int x0 = (int)(fx + 1.0f) - 1;
        const float wx = fx - (float)x0;
        const int left = clamp_int(x0, 0, width - 1), right = clamp_int(x0 + 1, 0, width - 1);
        const float a = upper[left] + (lower[left] - upper[left]) * wy;
        const float b = upper[right] + (lower[right] - upper[right]) * wy;
        out[i] = a + (b - a) * wx;
    }
}

PERCEPT_INLINE void scale_row(float *values, float scale, float offset) {
    for (int i = 0; i < TILE; i++) values[i] = values[i] * scale + offset;
}

PERCEPT_INLINE void fill_tile(const struct percept_packet_source *s, int x, int row, int count,
                              float tile[][TILE]) {
    float top[2 * TILE], bottom[2 * TILE], dx[TILE], dy[TILE];
    float(*out)[TILE] = tile + s->channel;
    int channels = 1;
    switch (s->kind) {
        case PERCEPT_SOURCE_WARPED:
        case PERCEPT_SOURCE_CUBIC:
            expand_grid(s->grid_x, s->grid_width, s->grid_height, s->grid_stride, s->grid_shift, x,
                        row, count, dx);
            expand_grid(s->grid_y, s->grid_width, s->grid_height, s->grid_stride, s->grid_shift, x,
                        row, count, dy);
            (s->kind == PERCEPT_SOURCE_CUBIC ? percept_cubic_tile : percept_warp_tile)(
                &s->samples, x, row, count, dx, dy, top, bottom);
            haar_split_rows(top, bottom, out[0], out[1], out[2], out[3], count);
            channels = 4;
            break;
        case PERCEPT_SOURCE_HAAR:
            read_row(&s->samples, 2 * x, 2 * row, 2 * count, top);
            read_row(&s->samples, 2 * x, 2 * row + 1, 2 * count, bottom);
            haar_split_rows(top, bottom, out[0], out[1], out[2], out[3], count);
            channels = 4;
            break;
        case PERCEPT_SOURCE_MEAN:
            read_row(&s->samples, s->step_x * x, s->step_y * row, s->step_x * count, top);
            if (s->step_y == 2) {
                read_row(&s->samples, s->step_x * x, 2 * row + 1, s->step_x * count, bottom);
                for (int i = 0; i < s->step_x * count; i++) top[i] = (top[i] + bottom[i]) * 0.5f;
            }
            if (s->step_x == 2)
                for (int i = 0; i < count; i++) out[0][i] = (top[2 * i] + top[2 * i + 1]) * 0.5f;
            else
                memcpy(out[0], top, (size_t)count * sizeof(float));
            break;
        case PERCEPT_SOURCE_GRID:
            expand_grid(s->grid_x, s->grid_width, s->grid_height, s->grid_stride, s->grid_shift, x,
                        row, count, out[0]);
            break;
        case PERCEPT_SOURCE_CONSTANT:
            memset(out[0], 0, sizeof out[0]);
            break;
    }
    for (int c = 0; c < channels; c++) scale_row(out[c], s->scale[c], s->offset[c]);
}

#define PAIR(a, b, step)                                                                          \
    {                                                                                             \
        const v16u p = a, q = b;                                                                  \
        a = step##_LOW(p, q);                                                                     \
        b = step##_HIGH(p, q);                                                                    \
    }
#define ONE_LOW(p, q) \
    __builtin_shufflevector(p, q, 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30)
#define ONE_HIGH(p, q) \
    __builtin_shufflevector(p, q, 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31)
#define TWO_LOW(p, q) \
    __builtin_shufflevector(p, q, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define TWO_HIGH(p, q) \
    __builtin_shufflevector(p, q, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#define FOUR_LOW(p, q) \
    __builtin_shufflevector(p, q, 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27)
#define FOUR_HIGH(p, q) \
    __builtin_shufflevector(p, q, 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31)
#define EIGHT_LOW(p, q) \
    __builtin_shufflevector(p, q, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23)
#define EIGHT_HIGH(p, q) \
    __builtin_shufflevector(p, q, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31)

// Eight rows of sixteen words: afterwards lane half h of row r holds column 8 * h + r.
PERCEPT_INLINE void transpose_8x16(v16u r[8]) {
    PAIR(r[0], r[1], ONE) PAIR(r[2], r[3], ONE) PAIR(r[4], r[5], ONE) PAIR(r[6], r[7], ONE)
    PAIR(r[0], r[2], TWO) PAIR(r[1], r[3], TWO) PAIR(r[4], r[6], TWO) PAIR(r[5], r[7], TWO)
    PAIR(r[0], r[4], FOUR) PAIR(r[1], r[5], FOUR) PAIR(r[2], r[6], FOUR) PAIR(r[3], r[7], FOUR)
}

// Sixteen channels of a tile, interleaved as bfloat16: two channels make one word.
PERCEPT_INLINE void write_block_bf16(float tile[][TILE], uint16_t *out, int count) {
    for (int x = 0; x < count; x += 16) {
        v16u r[8];
        for (int p = 0; p < 8; p++) {
            const v16u low = round_bf16(load16f(tile[2 * p] + x));
            const v16u high = round_bf16(load16f(tile[2 * p + 1] + x));
            r[p] = (low >> 16) | (high & 0xffff0000u);
        }
        transpose_8x16(r);
        if (x + 16 <= count) {
            for (int p = 0; p < 4; p++) {
                const v16u low = EIGHT_LOW(r[2 * p], r[2 * p + 1]);
                const v16u high = EIGHT_HIGH(r[2 * p], r[2 * p + 1]);
                memcpy(out + (x + 2 * p) * 16, &low, 64);
                memcpy(out + (x + 2 * p + 8) * 16, &high, 64);
            }
        } else {
            for (int p = 0; p < 8; p++)
                for (int half = 0; half < 2; half++)
                    if (x + p + 8 * half < count)
                        memcpy(out + (x + p + 8 * half) * 16, (char *)&r[p] + 32 * half, 32);
        }
    }
}

// The same in float: the two halves of the channels one after the other.
PERCEPT_INLINE void write_block_f32(float tile[][TILE], float *out, int count) {
    for (int x = 0; x < count; x += 16)
        for (int part = 0; part < 2; part++) {
            v16u r[8];
            for (int c = 0; c < 8; c++) r[c] = (v16u)load16f(tile[8 * part + c] + x);
            transpose_8x16(r);
            for (int p = 0; p < 8; p++)
                for (int half = 0; half < 2; half++)
                    if (x + p + 8 * half < count)
                        memcpy(out + (x + p + 8 * half) * 16 + 8 * part, (char *)&r[p] + 32 * half,
                               32);
        }
}

PERCEPT_INLINE void write_tile(const struct percept_packet_layout *t, float tile[][TILE], int x,
                               int row, int count) {
    if (t->is_blocked) {
        const ptrdiff_t at = (row * t->row_stride + x) * 16;
        for (int block = 0; block < t->channels / 16; block++) {
            if (t->is_bf16)
                write_block_bf16(tile + 16 * block,
                                 (uint16_t *)t->base + block * t->plane_stride + at, count);
            else
                write_block_f32(tile + 16 * block, (float *)t->base + block * t->plane_stride + at,
                                count);
        }
        return;
    }
    for (int c = 0; c < t->channels; c++) {
        const ptrdiff_t at = c * t->plane_stride + row * t->row_stride + x;
        if (t->is_bf16) {
            uint16_t *out = (uint16_t *)t->base + at;
            for (int i = 0; i < count; i++) {
                uint32_t u;
                memcpy(&u, &tile[c][i], 4);
                out[i] = (uint16_t)((u + 0x7fffu + ((u >> 16) & 1u)) >> 16);
            }
        } else {
            memcpy((float *)t->base + at, tile[c], (size_t)count * sizeof(float));
        }
    }
}

PERCEPT_CLONES static void pack_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct packing *job = context;
    const struct percept_packet_layout *t = job->packets;
    float tile[MAX_CHANNELS][TILE] __attribute__((aligned(64)));
    memset(tile, 0, (size_t)t->channels * sizeof tile[0]);
    for (int row = (int)begin; row < (int)end; row++)
        for (int x = 0; x < t->width; x += TILE) {
            const int count = t->width - x < TILE ? t->width - x : TILE;
            for (int s = 0; s < job->count; s++) fill_tile(job->sources + s, x, row, count, tile);
            write_tile(t, tile, x, row, count);
        }
}

// Channel `c` of a tile as floats.
PERCEPT_INLINE void read_channel(const struct percept_packet_layout *p, int c, int x, int row,
                                 int count, float *out) {
    const ptrdiff_t step = p->is_blocked ? 16 : 1;
    const ptrdiff_t at = p->is_blocked
                             ? c / 16 * p->plane_stride + (row * p->row_stride + x) * 16 + c % 16
                             : c * p->plane_stride + row * p->row_stride + x;
    if (p->is_bf16) {
        const uint16_t *in = (const uint16_t *)p->base + at;
        for (int i = 0; i < count; i++) {
            const uint32_t u = (uint32_t)in[i * step] << 16;
            memcpy(out + i, &u, 4);
        }
    } else {
        const float *in = (const float *)p->base + at;
        for (int i = 0; i < count; i++) out[i] = in[i * step];
    }
}

// Adds `count` values to a row of samples from column `x`, rounds, clips and stores them.
PERCEPT_INLINE void write_row(const struct percept_packet_sink *s, int x, int y, int count,
                              const float *values) {
    if (y >= s->height) return;
    count = clamp_int(s->width - x, 0, count);
    float sum[2 * TILE];
    if (s->source.base) {
        read_row(&s->source, x, y, count, sum);
        for (int i = 0; i < count; i++) sum[i] += values[i];
    } else {
        memcpy(sum, values, (size_t)count * sizeof(float));
    }
    char *line = (char *)s->base + y * s->bytes_per_row;
    int32_t code[2 * TILE];
    for (int i = 0; i < count; i++) {
        float v = sum[i] * s->gain + 0.5f;
        v = v > 0.0f ? v : 0.0f;  // also where the network gave no number
        v = v < s->maximum + 0.5f ? v : s->maximum + 0.5f;
        code[i] = (int32_t)v;
    }
    if (s->bytes_per_sample == 1) {
        uint8_t *out = (uint8_t *)line + x;
        for (int i = 0; i < count; i++) out[i] = (uint8_t)code[i];
    } else {
        uint16_t *out = (uint16_t *)line + x;
        for (int i = 0; i < count; i++) out[i] = (uint16_t)code[i];
    }
}

PERCEPT_INLINE void drain_tile(const struct percept_packet_layout *p,
                               const struct percept_packet_sink *s, int x, int row, int count) {
    float band[4][TILE], top[2 * TILE], bottom[2 * TILE];
    const int channels = s->kind == PERCEPT_SINK_HAAR ? 4 : 1;
    for (int c = 0; c < channels; c++) {
        read_channel(p, s->channel + c, x, row, count, band[c]);
        for (int i = 0; i < count; i++) band[c][i] = band[c][i] * s->scale[c] + s->offset[c];
    }
    if (s->kind == PERCEPT_SINK_HAAR) {
        haar_join_rows(band[0], band[1], band[2], band[3], top, bottom, count);
        write_row(s, 2 * x, 2 * row, 2 * count, top);
        write_row(s, 2 * x, 2 * row + 1, 2 * count, bottom);
        return;
    }
    const float *values = band[0];
    if (s->step_x == 2) {
        for (int i = 0; i < count; i++) top[2 * i] = top[2 * i + 1] = band[0][i];
        values = top;
    }
    for (int r = 0; r < s->step_y; r++)
        write_row(s, s->step_x * x, s->step_y * row + r, s->step_x * count, values);
}

PERCEPT_CLONES static void unpack_range(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct packing *job = context;
    const struct percept_packet_layout *p = job->packets;
    for (int row = (int)begin; row < (int)end; row++)
        for (int x = 0; x < p->width; x += TILE) {
            const int count = p->width - x < TILE ? p->width - x : TILE;
            for (int s = 0; s < job->count; s++) drain_tile(p, job->sinks + s, x, row, count);
        }
}

void percept_pack(const struct percept_packet_source *sources, int count,
                  const struct percept_packet_layout *target, int threads) {
    struct packing job = {sources, 0, count, target};
    percept_parallel_for(target->height, 16, threads, pack_range, &job);
}

void percept_unpack(const struct percept_packet_layout *source,
                    const struct percept_packet_sink *sinks, int count, int threads) {
    struct packing job = {0, sinks, count, source};
    percept_parallel_for(source->height, 16, threads, unpack_range, &job);
}
