#include "pieces.h"

#include <math.h>
#include <stdlib.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "parallel.h"
#include "simd.h"

// Keys in blocks that stay in the nearest cache while all masks of a group pass.
enum { WIDTH = PERCEPT_PATTERN_BYTES, ZERO = PERCEPT_PATTERN_ZERO, KEYS = 64, GROUP = 8 };

struct pieces {
    const uint8_t *keys, *masks, *queries;
    ptrdiff_t count, mask_count;
    int wanted;
    float *distances;
    int32_t *positions;
};

/// What a key is worth under a mask, and how far two queries lie from it there.
struct sums {
    int size, differences[2];
};

/// A mask with its queries, 0 where they are not known: whatever is compared is, too.
struct laid {
    uint8_t mask[WIDTH], zero[WIDTH], queries[2][WIDTH];
    int sizes[2];
};

#if defined(__SSE2__)
PERCEPT_INLINE __m128i load16(const uint8_t *p) { return _mm_loadu_si128((const __m128i *)p); }

PERCEPT_INLINE struct sums compare(const uint8_t *key, const struct laid *laid) {
    __m128i size = _mm_setzero_si128(), first = size, second = size;
#pragma clang loop unroll(full)
    for (int i = 0; i < WIDTH; i += 16) {
        const __m128i k = _mm_and_si128(load16(key + i), load16(laid->mask + i));
        size = _mm_add_epi64(size, _mm_sad_epu8(k, load16(laid->zero + i)));
        first = _mm_add_epi64(first, _mm_sad_epu8(k, load16(laid->queries[0] + i)));
        second = _mm_add_epi64(second, _mm_sad_epu8(k, load16(laid->queries[1] + i)));
    }
    // Sums are less than 2^15: three in one number of 64 bits, whose halves are added once.
    const __m128i all = _mm_or_si128(
        size, _mm_or_si128(_mm_slli_epi64(first, 20), _mm_slli_epi64(second, 40)));
    const uint64_t sum = (uint64_t)_mm_cvtsi128_si64(_mm_add_epi64(all, _mm_srli_si128(all, 8)));
    const int low = (1 << 20) - 1;
    return (struct sums){(int)(sum & low), {(int)(sum >> 20 & low), (int)(sum >> 40)}};
}
#else
PERCEPT_INLINE struct sums compare(const uint8_t *key, const struct laid *laid) {
    struct sums sums = {0};
    for (int i = 0; i < WIDTH; i++) {
        const int k = key[i] & laid->mask[i];
        sums.size += abs(k - laid->zero[i]);
        for (int q = 0; q < 2; q++) sums.differences[q] += abs(k - laid->queries[q][i]);
    }
    return sums;
}
#endif

static void lay(const struct pieces *p, ptrdiff_t number, struct laid *laid) {
    *laid = (struct laid){0};
    for (int i = 0; i < WIDTH; i++) {
        const uint8_t mask = p->masks[number * WIDTH + i];
        laid->mask[i] = mask;
        laid->zero[i] = ZERO & mask;
        for (int q = 0; q < 2; q++) {
            const uint8_t value = p->queries[(2 * number + q) * WIDTH + i] & mask;
            laid->queries[q][i] = value;
            laid->sizes[q] += abs(value - laid->zero[i]);
        }
    }
}

/// Puts a key into the sorted list, behind those that are as near.
static void insert(float distance, int32_t position, int wanted, float *distances,
                   int32_t *positions) {
    int place = wanted - 1;
    for (; place > 0 && distances[place - 1] > distance; place--) {
        distances[place] = distances[place - 1];
        positions[place] = positions[place - 1];
    }
    distances[place] = distance;
    positions[place] = position;
}

static void mask_groups(void *context, ptrdiff_t first_group, ptrdiff_t last_group) {
    const struct pieces *p = context;
    const int wanted = p->wanted;
    for (ptrdiff_t group = first_group; group < last_group; group++) {
        const ptrdiff_t begin = group * GROUP, rest = p->mask_count - begin;
        const int masks = (int)(rest < GROUP ? rest : GROUP);
        struct laid laid[GROUP];
        for (int m = 0; m < masks; m++) lay(p, begin + m, &laid[m]);
        float *const distances = p->distances + begin * 2 * wanted;
        int32_t *const positions = p->positions + begin * 2 * wanted;
        for (int i = 0; i < masks * 2 * wanted; i++) {
            distances[i] = INFINITY;
            positions[i] = -1;
        }
        for (ptrdiff_t block = 0; block < p->count; block += KEYS) {
            const ptrdiff_t end = block + KEYS < p->count ? block + KEYS : p->count;
            for (int m = 0; m < masks; m++) {
                for (ptrdiff_t key = block; key < end; key++) {
                    const struct sums sums = compare(p->keys + key * WIDTH, &laid[m]);
                    for (int q = 0; q < 2; q++) {
                        float *const row = distances + (2 * m + q) * wanted;
                        const float difference = (float)sums.differences[q];
                        const float size = (float)(sums.size + laid[m].sizes[q]);
                        // A product is cheap; what passes it, by a little more than it rounds, is divided.
                        if (!(difference < row[wanted - 1] * size * 1.000001f)) continue;
                        const float distance = difference / size;
                        if (!(distance < row[wanted - 1])) continue;
                        insert(distance, (int32_t)key, wanted, row,
                               positions + (2 * m + q) * wanted);
                    }
                }
            }
        }
    }
}

void percept_nearest_pieces(const uint8_t *keys, ptrdiff_t count, const uint8_t *masks,
                            const uint8_t *queries, ptrdiff_t mask_count, int wanted,
                            float *distances, int32_t *positions, int threads) {
    if (wanted <= 0) return;
    struct pieces p = {keys, masks, queries, count, mask_count, wanted, distances, positions};
    const ptrdiff_t groups = (mask_count + GROUP - 1) / GROUP;
    percept_parallel_for(groups, 65536 / (count * GROUP + 1) + 1, threads, mask_groups, &p);
}
