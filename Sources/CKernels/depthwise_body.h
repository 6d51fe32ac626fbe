// Included once for each size of blocks, which is the size of vectors.

/// 2 to the power of x, to one part in four millions; x beyond 60 is taken for 60.
PERCEPT_INLINE V NAME(power_of_two)(V x) {
    const float shifter = 12582912;
    x = __builtin_elementwise_max(__builtin_elementwise_min(x, (V){} + 60), (V){} - 60);
    // The last bits of the sum are the nearest whole number.
    const V sum = x + shifter;
    const V rest = x - (sum - shifter);
    // The polynomial of degree five whose relative error is least from -1/2 to 1/2.
    V value = (V){} + 1.32764690e-3f;
    value = value * rest + 9.67554096e-3f;
    value = value * rest + 5.55071346e-2f;
    value = value * rest + 2.40221202e-1f;
    value = value * rest + 6.93146944e-1f;
    value = value * rest + 1.00000012f;
    return (V)((U)value + ((U)sum << 23));
}

/// x / (1 + e^-x) of two vectors by one division.
PERCEPT_INLINE void NAME(silu)(V *a, V *b) {
    const V first = NAME(power_of_two)(*a * -1.44269504f) + 1;
    const V second = NAME(power_of_two)(*b * -1.44269504f) + 1;
    const V inverse = 1 / (first * second);
    *a = *a * (second * inverse);
    *b = *b * (first * inverse);
}

/// One result at the border, where columns may be missing.
PERCEPT_INLINE V NAME(at_border)(const float *const *rows, const V *w, V bias, ptrdiff_t start,
                                 ptrdiff_t width) {
    V sum = bias;
    for (int r = 0; r < 3; r++) {
        if (!rows[r]) continue;
        for (int k = 0; k < 3; k++) {
            const ptrdiff_t column = start + k;
            if (column >= 0 && column < width) sum += LOAD(rows[r] + column * BLOCK) * w[3 * r + k];
        }
    }
    return sum;
}

/// Results side by side with all columns there.
PERCEPT_INLINE void NAME(inside)(const float *const *rows, const V *w, V bias, ptrdiff_t start,
                                 int stride, V *sums) {
    for (int i = 0; i < AT_ONCE; i++) sums[i] = bias;
    for (int r = 0; r < 3; r++) {
        if (!rows[r]) continue;
        const float *row = rows[r] + start * BLOCK;
        for (int column = 0; column < (AT_ONCE - 1) * stride + 3; column++) {
            const V value = LOAD(row + column * BLOCK);
            for (int i = 0; i < AT_ONCE; i++) {
                const int k = column - i * stride;
                if (k >= 0 && k < 3) sums[i] += value * w[3 * r + k];
            }
        }
    }
}

PERCEPT_INLINE void NAME(row)(const float *const *rows, const V *w, V bias, float *y,
                              const struct percept_depthwise *s, int stride) {
    const ptrdiff_t count = s->result_width, width = s->width;
    ptrdiff_t x = 0;
    while (x < count) {
        const ptrdiff_t start = x * stride - s->left;
        V sums[AT_ONCE];
        if (start >= 0 && x + AT_ONCE <= count && start + (AT_ONCE - 1) * stride + 3 <= width) {
            NAME(inside)(rows, w, bias, start, stride, sums);
            for (int i = 0; i < AT_ONCE; i += 2) NAME(silu)(sums + i, sums + i + 1);
            for (int i = 0; i < AT_ONCE; i++) STORE(y + (x + i) * BLOCK, sums[i]);
            x += AT_ONCE;
            continue;
        }
        sums[0] = sums[1] = NAME(at_border)(rows, w, bias, start, width);
        NAME(silu)(sums, sums + 1);
        STORE(y + x * BLOCK, sums[0]);
        x++;
    }
}

PERCEPT_INLINE void NAME(range)(const struct work *work, ptrdiff_t begin, ptrdiff_t end) {
    const struct percept_depthwise *s = work->shape;
    const ptrdiff_t row_size = (ptrdiff_t)s->width * BLOCK;
    for (ptrdiff_t item = begin; item < end; item++) {
        const ptrdiff_t plane = item / s->result_height, y = item % s->result_height;
        const ptrdiff_t block = plane % s->blocks;
        const float *packed = work->packed + block * TAPS * BLOCK;
        V w[TAPS];
        for (int tap = 0; tap < TAPS; tap++) w[tap] = LOAD(packed + tap * BLOCK);
        const V bias = work->bias ? LOAD(work->bias + block * BLOCK) : (V){};
        const float *rows[3];
        for (int r = 0; r < 3; r++) {
            const ptrdiff_t from = y * s->stride - s->top + r;
            rows[r] = from >= 0 && from < s->height
                          ? work->x + (plane * s->height + from) * row_size : NULL;
        }
        float *target = work->y + (plane * s->result_height + y) * s->result_width * BLOCK;
        if (s->stride == 1) {
            NAME(row)(rows, w, bias, target, s, 1);
        } else {
            NAME(row)(rows, w, bias, target, s, 2);
        }
    }
}

PERCEPT_CLONES static void NAME(rows)(void *context, ptrdiff_t begin, ptrdiff_t end) {
    NAME(range)(context, begin, end);
}
