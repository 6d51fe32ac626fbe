// The few kernels that no library has; each is checked against a readable Swift reference.
#pragma once
#include "parallel.h"
