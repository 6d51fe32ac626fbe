// The few kernels that no library has; each is checked against a readable Swift reference.
#pragma once
#include "boxes.h"
#include "memory.h"
#include "packets.h"
#include "packing.h"
#include "parallel.h"
#include "planes.h"
#include "pointwise.h"
#include "quality.h"
#include "rectifier.h"
#include "residual8.h"
#include "search.h"
#include "winograd.h"
