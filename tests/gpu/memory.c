// SPDX-License-Identifier: MIT
// Buffers and blocking copies.
#include "gpu_test.h"

#include "gpu/device.h"

static uint32_t pattern(uint64_t i)
{
    return (uint32_t)(i * 2654435761u + 12345);
}

Test(gpu_transfer, what_goes_up_comes_down_also_beyond_the_staging_buffer)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range range = {.size = 4 * ((UINT64_C(40) << 18) + 3)}; // a little above 40 MiB: three pieces
    uint32_t *data = malloc(range.size), *back = calloc(1, range.size);
    cr_assert(data && back);
    for (uint64_t i = 0; i < range.size / 4; i++) data[i] = pattern(i);
    OK(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, range.size, "big", &range.buffer));
    OK(gpu_upload(gpu, range, data));
    cr_assert_lt(gpu->transfer.upload->size, range.size);
    OK(gpu_download(gpu, range, back));
    cr_expect_eq(memcmp(data, back, range.size), 0);
    free(data);
    free(back);
    gpu_buffer_destroy(&range.buffer);
    gpu_close(&gpu);
}

Test(gpu_transfer, parts_at_odd_offsets_leave_the_rest_alone)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range all = test_floats(gpu, 64, 1), part = {all.buffer, 5, 7};
    unsigned char bytes[256], back[256];
    OK(gpu_upload(gpu, part, "nephos!"));
    OK(gpu_download(gpu, all, back));
    for (int i = 0; i < 64; i++) memcpy(bytes + 4 * i, &(float){1}, 4);
    memcpy(bytes + 5, "nephos!", 7);
    cr_expect_eq(memcmp(bytes, back, sizeof bytes), 0);
    gpu_buffer_destroy(&all.buffer);
    gpu_close(&gpu);
}

Test(gpu_transfer, fill_writes_its_range_only)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range all = test_floats(gpu, 300, 1);
    OK(gpu_fill(gpu, (struct gpu_range){all.buffer, 400, 400}, gpu_spec_float(2)));
    test_expect(gpu, (struct gpu_range){all.buffer, 0, 400}, 1);
    test_expect(gpu, (struct gpu_range){all.buffer, 400, 400}, 2);
    test_expect(gpu, (struct gpu_range){all.buffer, 800, 400}, 1);
    gpu_buffer_destroy(&all.buffer);
    gpu_close(&gpu);
}

Test(gpu_transfer, ranges_outside_the_buffer_are_refused)
{
    struct gpu *gpu = test_gpu();
    struct gpu_range all = test_floats(gpu, 16, 1);
    char data[128] = {0};
    const struct gpu_range bad[] = {{all.buffer, 0, 68}, {all.buffer, 64, 4}, {all.buffer, UINT64_MAX - 3, 8}, {all.buffer, 0, 0},
                                    {NULL, 0, 4}};
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        cr_expect_eq(gpu_upload(gpu, bad[i], data), NEPHOS_ERROR_ARGUMENT, "case %zu", i);
        cr_expect_eq(gpu_download(gpu, bad[i], data), NEPHOS_ERROR_ARGUMENT, "case %zu", i);
        cr_expect_eq(gpu_fill(gpu, bad[i], 0), NEPHOS_ERROR_ARGUMENT, "case %zu", i);
    }
    cr_expect_eq(gpu_fill(gpu, (struct gpu_range){all.buffer, 2, 4}, 0), NEPHOS_ERROR_ARGUMENT);
    test_expect(gpu, all, 1);
    gpu_buffer_destroy(&all.buffer);
    gpu_close(&gpu);
}

Test(gpu_buffer, mapped_memory_reaches_kernels_and_comes_back)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL;
    struct gpu_range in = {.size = 400}, out = {.size = 400};
    OK(gpu_buffer_create(gpu, GPU_MEMORY_UPLOAD, 400, "in", &in.buffer));
    OK(gpu_buffer_create(gpu, GPU_MEMORY_READBACK, 400, "out", &out.buffer));
    float *from = gpu_buffer_map(in.buffer), *to = gpu_buffer_map(out.buffer);
    for (int i = 0; i < 100; i++) from[i] = (float)i;
    OK(gpu_stream_create(gpu, "mapped", &stream));
    test_scale(stream, out, in, 2, 1);
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_run(stream, NULL));
    for (int i = 0; i < 100; i++) cr_expect_eq(to[i], 2 * (float)i + 1);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&in.buffer);
    gpu_buffer_destroy(&out.buffer);
    gpu_close(&gpu);
}

Test(gpu_buffer, sizes_are_rounded_up_and_device_memory_is_not_mapped)
{
    struct gpu *gpu = test_gpu();
    struct gpu_buffer *buffer = NULL;
    OK(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, 5, "odd", &buffer));
    cr_expect_eq(gpu_buffer_size(buffer), 8);
    cr_expect_null(gpu_buffer_map(buffer));
    gpu_buffer_destroy(&buffer);
    gpu_close(&gpu);
}

Test(gpu_buffer, what_does_not_fit_is_refused_by_name)
{
    struct gpu *gpu = test_gpu();
    struct gpu_buffer *buffer = NULL;
    cr_expect_eq(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, 0, "empty", &buffer), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, UINT64_C(1) << 60, "everything", &buffer), NEPHOS_ERROR_MEMORY);
    cr_expect(strstr(nephos_last_error(test_log()), "everything"));
    cr_expect_null(buffer);
    gpu_close(&gpu);
}
