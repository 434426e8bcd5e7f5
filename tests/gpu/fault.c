// SPDX-License-Identifier: MIT
// Every Vulkan call that can fail does so once: the status is right, the message there, nothing leaks (the sanitizer and the
// validation layer look), and the next attempt works.
#include "gpu_test.h"

#include "common/folder.h"
#include "gpu/fault.h"

// What a program does, from opening to the result. Cleans up wherever it stops.
static enum nephos_status use_device(const char *cache_dir)
{
    enum nephos_status status = NEPHOS_OK;
    const struct nephos_device_params params = {.cache_dir = cache_dir, .profile = true, .validation = test_validation(), .threads = 1};
    struct gpu *gpu = NULL;
    struct gpu_stream *stream = NULL;
    struct gpu_range x = {.size = 400}, y = {.size = 400};
    float data[100] = {1, 2, 3};
    char *text = NULL;
    TRY(gpu_open(test_log(), &params, &gpu));
    TRY(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, x.size, "x", &x.buffer));
    TRY(gpu_buffer_create(gpu, GPU_MEMORY_UPLOAD, y.size, "y", &y.buffer));
    TRY(gpu_upload(gpu, x, data));
    TRY(gpu_stream_create(gpu, "faulty", &stream));
    test_scale(stream, y, x, 2, 0);
    test_scale(stream, x, y, 2, 0);
    TRY(gpu_stream_finish(stream));
    TRY(gpu_stream_run(stream, NULL));
    TRY(gpu_profile_table(gpu, &text));
    TRY(gpu_download(gpu, x, data));
    cr_assert_eq(data[2], 12);
fail:
    nephos_free(text);
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
    return status;
}

// A clean-up may use the device up to the end, where another call may fail: those are without effect.
Test(gpu_fault, running_out_of_memory_in_any_call_is_reported_and_nothing_is_left_behind, .init = folder_setup, .fini = folder_teardown)
{
    const char *folder = folder_file("cache");
    unsigned failed = 0;
    for (uint32_t n = 1; n < 1000; n++) {
        const unsigned errors = test_error_count();
        gpu_fault_arm(GPU_FAULT_CALL, n);
        const enum nephos_status status = use_device(folder);
        const bool happened = !gpu_fault_armed(GPU_FAULT_CALL);
        gpu_fault_arm(GPU_FAULT_CALL, 0);
        if (!happened) break;
        // A few are survived: a smaller staging buffer does as well.
        cr_expect(status == NEPHOS_ERROR_MEMORY || status == NEPHOS_OK, "call %u: %s", n, nephos_status_name(status));
        if (status == NEPHOS_OK) continue;
        failed++;
        cr_expect_gt(test_error_count(), errors, "call %u failed without a message", n);
        cr_expect_gt(strlen(nephos_last_error(test_log())), 10);
    }
    cr_expect_gt(failed, 40, "only %u calls failed", failed);
    OK(use_device(folder));
}

Test(gpu_fault, a_device_lost_at_any_submission_is_reported)
{
    unsigned failed = 0;
    for (uint32_t n = 1; n < 100; n++) {
        gpu_fault_arm(GPU_FAULT_SUBMISSION, n);
        const enum nephos_status status = use_device(NULL);
        const bool happened = !gpu_fault_armed(GPU_FAULT_SUBMISSION);
        gpu_fault_arm(GPU_FAULT_SUBMISSION, 0);
        if (!happened) break;
        failed++;
        cr_expect_eq(status, NEPHOS_ERROR_DEVICE_LOST, "submission %u: %s", n, nephos_status_name(status));
    }
    cr_expect_geq(failed, 3);
}

Test(gpu_fault, a_lost_device_refuses_everything_until_it_is_closed)
{
    struct gpu *gpu = test_gpu();
    struct gpu_stream *stream = NULL, *other = NULL;
    struct gpu_range x = test_floats(gpu, 100, 1), y = test_floats(gpu, 100, 1);
    struct gpu_buffer *buffer = NULL;
    const struct gpu_kernel *kernel = NULL;
    uint64_t ticket = 0;
    float data[100];
    OK(gpu_stream_create(gpu, "lost", &stream));
    test_scale(stream, y, x, 2, 0);
    OK(gpu_stream_finish(stream));
    OK(gpu_stream_submit(stream, &ticket));
    gpu_fault_arm(GPU_FAULT_SUBMISSION, 1);
    cr_expect_eq(gpu_stream_submit(stream, NULL), NEPHOS_ERROR_DEVICE_LOST);
    cr_expect(strstr(nephos_last_error(test_log()), "VK_ERROR_DEVICE_LOST"));
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(gpu_stream_submit(stream, NULL), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect(strstr(nephos_last_error(test_log()), "lost earlier"));
        cr_expect_eq(gpu_stream_run(stream, NULL), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect_eq(gpu_wait(gpu, ticket), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect(gpu_done(gpu, ticket));
        cr_expect_eq(gpu_upload(gpu, x, data), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect_eq(gpu_download(gpu, x, data), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect_eq(gpu_fill(gpu, x, 0), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect_eq(gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, 4, "late", &buffer), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect_eq(gpu_stream_create(gpu, "late", &other), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect_eq(gpu_kernel_get(gpu, &shader_test_spin, NULL, 0, &kernel), NEPHOS_ERROR_DEVICE_LOST);
        cr_expect_eq(gpu_kernels_compile(gpu), NEPHOS_ERROR_DEVICE_LOST);
    }
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&x.buffer);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&gpu);
    cr_expect_eq(use_device(NULL), NEPHOS_OK, "opened anew, all is well");
}
