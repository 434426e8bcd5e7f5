// SPDX-License-Identifier: MIT
// The device that tests run on.
#ifndef TESTS_DEVICE_H
#define TESTS_DEVICE_H

#include "gpu/gpu.h"

// A log that counts errors; the newest is in nephos_last_error. Lives until the test's process ends.
struct nephos_log *test_log(void);
unsigned test_error_count(void);

// Opens the first device; fails the test where there is none. With NEPHOS_TEST_VALIDATION=1 in the environment, every message of the
// validation layer fails the test; what the layer checks is for its own settings to say (tests/CMakeLists.txt).
struct gpu *test_gpu(void);
// The same with parameters of the test's own; `validation` is set by the environment.
struct gpu *test_gpu_with(struct nephos_device_params params);
// For tests of what the host does around kernels for GPUs: SwiftShader, which takes seconds to compile each of them and has no cache on
// disk, does without them. Lavapipe runs such tests with them, and both drivers run the checks of the kernels themselves.
void test_leave_tiles_to_the_other_driver(struct gpu *gpu);
// For checks of operators: of the kernels for GPUs one in so many, others in each case. Lavapipe of the stable release has all of its own;
// elsewhere, on SwiftShader or where NEPHOS_TEST_GPU_SHARE says so, each kernel meets some of the cases.
uint32_t test_gpu_share(const struct gpu *gpu);
// Whether the environment asks for it; for tests that call gpu_open themselves.
bool test_validation(void);

// What every Vulkan device guarantees, for graphs and plans that need no device.
extern const struct gpu_limits test_limits;

#endif
