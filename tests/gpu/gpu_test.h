// SPDX-License-Identifier: MIT
// What several GPU tests need.
#ifndef GPU_TEST_H
#define GPU_TEST_H

#include "common/device.h"
#include "test_shaders.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OK(call) cr_assert_eq((call), NEPHOS_OK, "%s: %s", #call, nephos_last_error(test_log()))

// `count` floats on the device, all `value`.
struct gpu_range test_floats(struct gpu *gpu, uint64_t count, float value);
// Fails unless all floats of the range are `value`.
void test_expect(struct gpu *gpu, struct gpu_range range, float value);
// Records y = scale * x + offset over floats.
void test_scale(struct gpu_stream *stream, struct gpu_range y, struct gpu_range x, float scale, float offset);

#endif
