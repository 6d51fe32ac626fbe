// Splits a loop over the same OpenMP thread pool that oneDNN uses, so that cores are never oversubscribed.
#pragma once
#include <stddef.h>

/// Body of a parallel loop: handles items [begin, end).
typedef void (*percept_range_body)(void *context, ptrdiff_t begin, ptrdiff_t end);

/// Runs `body` over [0, count) on at most `threads` threads (0: the pool's own number), in
/// contiguous ranges whose bounds depend only on `count`, `grain` and the number of threads.
void percept_parallel_for(ptrdiff_t count, ptrdiff_t grain, int threads, percept_range_body body,
                          void *context);

/// Sets and reads the calling thread's default number of threads for parallel regions.
void percept_set_threads(int threads);
int percept_threads(void);
