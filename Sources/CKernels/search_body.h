// The body of the search, included once for each instruction set: compilers do not find the
// multiply-and-add of 16-bit pairs (pmaddwd) in portable code, so `DOT` names it, and `VARIANT` gives
// the functions of each inclusion their own names.

PERCEPT_INLINE v16s VARIANT(two_rows)(const int16_t *p, ptrdiff_t stride) {
    const v8s a = load8s(p), b = load8s(p + stride);
    return __builtin_shufflevector(a, b, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
}


PERCEPT_INLINE v16s VARIANT(high_product)(v16s a, v16w b) {
    typedef uint32_t v16w32 __attribute__((vector_size(64)));
    const v16w32 p = __builtin_convertvector((v16w)a, v16w32) * __builtin_convertvector(b, v16w32);
    return (v16s)__builtin_convertvector(p >> 16, v16w);
}

PERCEPT_INLINE v4i VARIANT(fold)(v8i v) {
    return __builtin_shufflevector(v, v, 0, 1, 2, 3) + __builtin_shufflevector(v, v, 4, 5, 6, 7);
}

// Sums of four vectors, one a lane.
PERCEPT_INLINE v4i VARIANT(sums)(v8i a, v8i b, v8i c, v8i d) {
    const v4i p = VARIANT(fold)(a), q = VARIANT(fold)(b), r = VARIANT(fold)(c), s = VARIANT(fold)(d);
    const v4i pq = __builtin_shufflevector(p, q, 0, 4, 1, 5) + __builtin_shufflevector(p, q, 2, 6, 3, 7);
    const v4i rs = __builtin_shufflevector(r, s, 0, 4, 1, 5) + __builtin_shufflevector(r, s, 2, 6, 3, 7);
    return __builtin_shufflevector(pq, rs, 0, 1, 4, 5) + __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
}

PERCEPT_INLINE void VARIANT(load_patch)(const struct percept_level *level, int x, int y,
                               float regularisation, struct patch *p) {
    const int16_t *at = level->base + y * level->stride + x;
    const ptrdiff_t stride = level->stride;
    v8i xx = {0}, xy = {0}, yy = {0}, sx = {0}, sy = {0};
    const v16s ones = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (int r = 0; r < 4; r++) {
        const int16_t *row = at + 2 * r * stride;
        const v16s gx = VARIANT(two_rows)(row + 1, stride) - VARIANT(two_rows)(row - 1, stride);
        const v16s gy = VARIANT(two_rows)(row + stride, stride) - VARIANT(two_rows)(row - stride, stride);
        p->value[r] = VARIANT(two_rows)(row, stride) << 4;
        p->gradient_x[r] = gx;
        p->gradient_y[r] = gy;
        xx += DOT(gx, gx);
        xy += DOT(gx, gy);
        yy += DOT(gy, gy);
        sx += DOT(gx, ones);
        sy += DOT(gy, ones);
    }
    const v4i tensor = VARIANT(sums)(xx, xy, yy, sx), last = VARIANT(sums)(sy, sy, sy, sy);
    p->sum_x = (float)tensor[3];
    p->sum_y = (float)last[0];
    const float a = ((float)tensor[0] - p->sum_x * p->sum_x / 64) / 64 + regularisation;
    const float b = ((float)tensor[1] - p->sum_x * p->sum_y / 64) / 64;
    const float c = ((float)tensor[2] - p->sum_y * p->sum_y / 64) / 64 + regularisation;
    const float scale = 1.0f / (a * c - b * b);
    p->xx = c * scale;
    p->xy = -b * scale;
    p->yy = a * scale;
}

// Compares a patch with the reference at (x, y), its top left corner, bilinearly.
PERCEPT_INLINE void VARIANT(compare)(const struct percept_level *reference, const struct patch *p, float x,
                            float y, struct match *m) {
    // Positions are not negative once the padding is added, so that truncation rounds down.
    const int px = (int)((x + PAD) * FRACTION + 0.5f), py = (int)((y + PAD) * FRACTION + 0.5f);
    const int16_t fx = (int16_t)(px & (FRACTION - 1));
    const uint16_t fy = (uint16_t)(py & (FRACTION - 1));
    const ptrdiff_t stride = reference->stride;
    const int16_t *at =
        reference->base + ((py / FRACTION) - PAD) * stride + ((px / FRACTION) - PAD);
    const int16_t gx = (int16_t)(FRACTION - fx);
    const uint16_t lower = (uint16_t)(fy * 1024), upper = (uint16_t)((FRACTION - fy) * 1024);
    const v16w wl = (v16w){0} + lower, wu = (v16w){0} + upper;
    v16s row[4];
    for (int r = 0; r < 4; r++) {
        const int16_t *line = at + 2 * r * stride;
        row[r] = VARIANT(two_rows)(line, stride) * gx + VARIANT(two_rows)(line + 1, stride) * fx;
    }
    const v8s last = load8s(at + 8 * stride) * gx + load8s(at + 8 * stride + 1) * fx;
    const v16s below = __builtin_shufflevector(last, last, 0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7);
    v8i dx = {0}, dy = {0}, sum = {0}, square = {0};
    const v16s ones = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    for (int r = 0; r < 4; r++) {
        const v16s next = __builtin_shufflevector(row[r], r < 3 ? row[r + 1] : below, 8, 9, 10, 11,
                                                  12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23);
        const v16s d = VARIANT(high_product)(row[r], wu) + VARIANT(high_product)(next, wl) - p->value[r];
        m->difference[r] = d;
        dx += DOT(d, p->gradient_x[r]);
        dy += DOT(d, p->gradient_y[r]);
        sum += DOT(d, ones);
        square += DOT(d >> 4, d >> 4);
    }
    const v4i total = VARIANT(sums)(dx, dy, sum, square);
    m->mean = (float)total[2] / 64;
    m->x = ((float)total[0] - m->mean * p->sum_x) / 512;
    m->y = ((float)total[1] - m->mean * p->sum_y) / 512;
    m->cost = (float)total[3] / 16 - m->mean * m->mean / 64;
}

PERCEPT_INLINE float VARIANT(clamp_float)(float v, float low, float high) {
    v = v > low ? v : low;  // also where v is not a number
    return v < high ? v : high;
}

// Mean of the 2x2 samples of a flow around the corner (x, y).
PERCEPT_INLINE void VARIANT(flow_at)(const struct percept_flow *flow, int x, int y, float *fx, float *fy) {
    const int x0 = clamp_int(x - 1, 0, flow->width - 1), x1 = clamp_int(x, 0, flow->width - 1);
    const int y0 = clamp_int(y - 1, 0, flow->height - 1), y1 = clamp_int(y, 0, flow->height - 1);
    const float *ux = flow->x + y0 * flow->width, *lx = flow->x + y1 * flow->width;
    const float *uy = flow->y + y0 * flow->width, *ly = flow->y + y1 * flow->width;
    *fx = (ux[x0] + ux[x1] + lx[x0] + lx[x1]) * 0.25f;
    *fy = (uy[x0] + uy[x1] + ly[x0] + ly[x1]) * 0.25f;
}

// Searches one patch of the stripe [top, bottom). The first sweep runs forward and tries what the
// patches to the left and above found, the second runs backward and tries those right and below.
PERCEPT_INLINE void VARIANT(search_patch)(const struct job *job, int column, int row, int top,
                                          int bottom, int backward) {
    const int x = column * STRIDE - STRIDE, y = row * STRIDE - STRIDE;
    const struct percept_level *reference = job->reference;
    struct patch patch;
    VARIANT(load_patch)(job->current, x, y, job->parameters->regularisation, &patch);

    // A patch may leave the picture by its own size, within the padding.
    const float left = (float)(-PATCH - x), right = (float)(reference->width - 1 - x);
    const float up = (float)(-PATCH - y), down = (float)(reference->height - 1 - y);
    struct match buffers[2], *best = &buffers[0], *trial = &buffers[1];
    float bx = 0, by = 0;

    struct patch_result *result = job->results + row * job->columns + column;
    float candidate[4][2] = {{0}};
    int candidates = 1;
    if (backward) {
        candidate[0][0] = result->x;
        candidate[0][1] = result->y;
    } else if (job->coarse) {
        VARIANT(flow_at)(job->coarse, 2 * column, 2 * row, &candidate[0][0], &candidate[0][1]);
        candidate[0][0] *= 2;
        candidate[0][1] *= 2;
    }
    const int behind = backward ? 1 : -1;
    if (backward ? column + 1 < job->columns : column > 0) {
        candidate[candidates][0] = result[behind].x;
        candidate[candidates++][1] = result[behind].y;
    }
    if (backward ? row + 1 < bottom : row > top) {
        candidate[candidates][0] = result[behind * job->columns].x;
        candidate[candidates++][1] = result[behind * job->columns].y;
    }
    if (job->seed && !backward) {
        float *seed = candidate[candidates++];
        VARIANT(flow_at)(job->seed, STRIDE * column, STRIDE * row, &seed[0], &seed[1]);
        seed[0] /= job->parameters->gain;
        seed[1] /= job->parameters->gain;
    }
    for (int k = 0; k < candidates; k++) {
        const float cx = VARIANT(clamp_float)(candidate[k][0], left, right);
        const float cy = VARIANT(clamp_float)(candidate[k][1], up, down);
        if (k > 0) {
            const float ex = cx - bx, ey = cy - by;
            if (ex * ex + ey * ey < 0.04f) continue;
        }
        VARIANT(compare)(reference, &patch, x + cx, y + cy, trial);
        if (k == 0 || trial->cost < best->cost) {
            struct match *other = best;
            best = trial;
            trial = other;
            bx = cx;
            by = cy;
        }
    }

    const float enough = job->parameters->good_enough * 64;
    for (int i = 0; i < job->parameters->iterations && best->cost > enough; i++) {
        const float sx = patch.xx * best->x + patch.xy * best->y;
        const float sy = patch.xy * best->x + patch.yy * best->y;
        const float step = sx * sx + sy * sy;
        if (!(step > 0.0004f) || step > 64) break;
        const float cx = VARIANT(clamp_float)(bx - sx, left, right), cy = VARIANT(clamp_float)(by - sy, up, down);
        VARIANT(compare)(reference, &patch, x + cx, y + cy, trial);
        if (!(trial->cost < best->cost)) break;
        struct match *other = best;
        best = trial;
        trial = other;
        bx = cx;
        by = cy;
    }

    result->x = bx;
    result->y = by;
    result->error = best->cost > 0 ? best->cost / 64 : 0;
    const v16s mean = (v16s){0} + (int16_t)best->mean;
    uint8_t *differences = job->differences + (row * job->columns + column) * 64;
    for (int r = 0; r < 4; r++) {
        const v16s d = __builtin_elementwise_min(
            __builtin_elementwise_abs(best->difference[r] - mean) >> 4, (v16s){0} + 255);
        typedef uint8_t v16b __attribute__((vector_size(16)));
        const v16b bytes = __builtin_convertvector((v16w)d, v16b);
        memcpy(differences + 16 * r, &bytes, 16);
    }
}

static void VARIANT(search_stripes)(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct job *job = context;
    for (ptrdiff_t stripe = begin; stripe < end; stripe++) {
        const int top = (int)stripe * STRIPE;
        const int bottom = top + STRIPE < job->rows ? top + STRIPE : job->rows;
        for (int row = top; row < bottom; row++)
            for (int column = 0; column < job->columns; column++)
                VARIANT(search_patch)(job, column, row, top, bottom, 0);
        for (int row = bottom - 1; row >= top; row--)
            for (int column = job->columns - 1; column >= 0; column--)
                VARIANT(search_patch)(job, column, row, top, bottom, 1);
    }
}

// One row of cells: every sample is the mean of its four patches' flows, weighted by how well each
// predicts it.
static void VARIANT(densify_rows)(void *context, ptrdiff_t begin, ptrdiff_t end) {
    const struct job *job = context;
    const struct percept_flow *flow = job->flow;
    for (int cell_row = (int)begin; cell_row < (int)end; cell_row++) {
        const int lines = clamp_int(flow->height - cell_row * STRIDE, 0, STRIDE);
        for (int cell = 0; cell < job->columns - 1; cell++) {
            // 16 samples of the cell at once: line by line, four columns each.
            v16f weight = {0}, fx = {0}, fy = {0};
            float squares = 0;
            for (int k = 0; k < 4; k++) {
                const int down = k >> 1, right = k & 1;
                const ptrdiff_t index = (cell_row + down) * job->columns + cell + right;
                const struct patch_result *p = job->results + index;
                // The cell is the lower part of the upper patches, the right part of the left ones.
                const uint8_t *d = job->differences + index * 64 + (1 - down) * 32 + (1 - right) * 4;
                uint8_t bytes[16];
                for (int l = 0; l < 4; l++) memcpy(bytes + 4 * l, d + 8 * l, 4);
                typedef uint8_t v16b __attribute__((vector_size(16)));
                v16b packed;
                memcpy(&packed, bytes, 16);
                const v16f difference =
                    __builtin_convertvector(__builtin_convertvector(packed, v16i), v16f);
                // Patches that fit badly as a whole count less, and so do samples that a patch misses
                // by more than the coding noise of four steps.
                const v16f floored = __builtin_elementwise_max(difference, (v16f){0} + 16.0f);
                const v16f w = (1.0f / (1.0f + p->error)) / (floored * floored);
                weight += w;
                fx += w * p->x;
                fy += w * p->y;
                squares += p->error;
            }
            const v16f inverse = job->parameters->gain / weight;
            const v16f x = fx * inverse, y = fy * inverse;
            const int columns = clamp_int(flow->width - cell * STRIDE, 0, STRIDE);
            for (int l = 0; l < lines; l++) {
                const ptrdiff_t at = (ptrdiff_t)(cell_row * STRIDE + l) * flow->width + cell * STRIDE;
                memcpy(flow->x + at, (const float *)&x + 4 * l, (size_t)columns * sizeof(float));
                memcpy(flow->y + at, (const float *)&y + 4 * l, (size_t)columns * sizeof(float));
            }
            if (job->error)
                job->error[cell_row * (job->columns - 1) + cell] = __builtin_sqrtf(squares / 4);
        }
    }
}
