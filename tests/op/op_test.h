// SPDX-License-Identifier: MIT
#ifndef OP_TEST_H
#define OP_TEST_H

#include "gpu/gpu.h"

// The test device, with validation where NEPHOS_TEST_VALIDATION is set. Closing it fails the test if an error was logged.
struct op_device {
    struct nephos_log *log;
    struct gpu *gpu;
    unsigned errors; // logged so far; messages of the validation layer arrive as errors, too
};
void op_device_open(struct op_device *device);
void op_device_close(struct op_device *device);

// Runs all cases of one operator's check on the test device and fails the test with each case that disagrees: its shapes and
// attributes, the first offending element, both values. Slow cases run too where NEPHOS_SLOW=1 is set.
void op_test(const char *op);

#endif
