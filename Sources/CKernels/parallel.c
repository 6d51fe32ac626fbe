#include "parallel.h"

// libgomp's own entry points: clang has no OpenMP runtime header here, and a second pool would
// fight with oneDNN's for the cores.
extern void GOMP_parallel(void (*fn)(void *), void *data, unsigned num_threads, unsigned flags);
extern int omp_get_thread_num(void);
extern int omp_get_num_threads(void);
extern int omp_get_max_threads(void);
extern int omp_in_parallel(void);
extern void omp_set_num_threads(int);

struct loop {
    ptrdiff_t count;
    percept_range_body body;
    void *context;
};

static void run_share(void *data) {
    const struct loop *loop = data;
    const ptrdiff_t index = omp_get_thread_num(), total = omp_get_num_threads();
    const ptrdiff_t begin = loop->count * index / total, end = loop->count * (index + 1) / total;
    if (begin < end) loop->body(loop->context, begin, end);
}

void percept_parallel_for(ptrdiff_t count, ptrdiff_t grain, int threads, percept_range_body body,
                          void *context) {
    if (count <= 0) return;
    ptrdiff_t wanted = threads > 0 ? threads : omp_get_max_threads();
    if (grain < 1) grain = 1;
    const ptrdiff_t useful = (count + grain - 1) / grain;
    if (wanted > useful) wanted = useful;
    if (wanted <= 1 || omp_in_parallel()) {
        body(context, 0, count);
        return;
    }
    struct loop loop = {count, body, context};
    GOMP_parallel(run_share, &loop, (unsigned)wanted, 0);
}

void percept_set_threads(int threads) { omp_set_num_threads(threads > 0 ? threads : 1); }
int percept_threads(void) { return omp_get_max_threads(); }
