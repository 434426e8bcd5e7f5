// SPDX-License-Identifier: MIT
// Every kernel in the variants that are really used, without running one: for tests of what kernels need and whether they compile.
#ifndef TESTS_RECORD_H
#define TESTS_RECORD_H

#include "gpu/gpu.h"

// Records all cases of `nephos check`, forward and backward, and the steps of a few networks, on memory that does not exist. The
// stream must never be finished; the kernels are pending in `gpu` afterwards.
enum nephos_status test_record_everything(struct gpu *gpu, struct gpu_stream **stream);

#endif
