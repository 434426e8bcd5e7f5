// SPDX-License-Identifier: MIT
#include "gpu_test.h"

struct gpu_range test_floats(struct gpu *gpu, uint64_t count, float value)
{
    struct gpu_range range = {.size = 4 * count};
    OK(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, range.size, "test", &range.buffer));
    OK(gpu_fill(gpu, range, gpu_spec_float(value)));
    return range;
}

void test_expect(struct gpu *gpu, struct gpu_range range, float value)
{
    float *data = malloc(range.size);
    cr_assert(data);
    OK(gpu_download(gpu, range, data));
    for (uint64_t i = 0; i < range.size / 4; i++) cr_assert_eq(data[i], value, "element %lu: %g, expected %g", i, data[i], value);
    free(data);
}

void test_scale(struct gpu_stream *stream, struct gpu_range y, struct gpu_range x, float scale, float offset)
{
    const uint32_t count = (uint32_t)(x.size / 4), spec[] = {64, gpu_spec_float(scale)};
    const struct {
        uint32_t count;
        float offset;
    } push = {count, offset};
    const struct gpu_range ranges[] = {x, y};
    gpu_stream_dispatch(stream, &(struct gpu_dispatch){
                                    .shader = &shader_test_scale,
                                    .spec = spec,
                                    .spec_count = 2,
                                    .ranges = ranges,
                                    .range_count = 2,
                                    .push = &push,
                                    .push_size = sizeof push,
                                    .groups = {(count + 63) / 64, 1, 1},
                                    .flops = 2.0 * count,
                                    .label = "scale",
                                });
}
