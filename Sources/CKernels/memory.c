#include "memory.h"

#if defined(__linux__)
#include <malloc.h>
#endif

void percept_return_large_blocks(void) {
#if defined(__GLIBC__)
    mallopt(M_MMAP_THRESHOLD, 1 << 17);
#endif
}
