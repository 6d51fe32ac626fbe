// Counts large blocks that a program asks malloc and its kin for, in every library it loads.
#pragma once

/// Starts counting blocks of more than 4 KiB.
void percept_count_allocations(void);

/// Stops and returns how many there were.
long percept_counted_allocations(void);
