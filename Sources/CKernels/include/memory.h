// What the C library does with memory that is freed.
#pragma once

/// Blocks of at least 128 kB, planes among them, go back to the system as soon as they are freed. Left alone,
/// glibc learns from the first that is freed to keep those that follow, in pieces between what still lives.
void percept_return_large_blocks(void);
