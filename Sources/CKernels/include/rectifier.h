// The gradient of a rectifier, on values in any order of memory.
#pragma once
#include <stddef.h>

/// `result[i] = output[i] > 0 ? cotangent[i] : slope * cotangent[i]` for `count` floats or, with
/// `is_bf16`, bfloat16 numbers; `result` may be `cotangent`. Does not depend on `threads`.
void percept_rectifier_gradient(const void *cotangent, const void *output, void *result,
                                ptrdiff_t count, float slope, int is_bf16, int threads);
