// SPDX-License-Identifier: MIT
// Listing and opening devices.
#include "gpu_test.h"

static struct nephos_device_info first_device(void)
{
    struct nephos_device_info info = {0};
    size_t count = 0;
    OK(gpu_list(test_log(), &info, 1, &count));
    cr_assert_geq(count, 1);
    return info;
}

Test(gpu_device, the_list_describes_a_usable_device)
{
    const struct nephos_device_info info = first_device();
    cr_expect(info.usable, "%s", info.reason);
    cr_expect_gt(strlen(info.name), 0);
    cr_expect_gt(strlen(info.driver), 0);
    cr_expect_eq(strlen(info.uuid), 36);
    cr_expect_geq(info.max_workgroup_invocations, 128);
    cr_expect_geq(info.max_shared_memory, 16384);
    cr_expect_geq(info.max_storage_buffer_range, 1u << 27);
    cr_expect_gt(info.memory_size, 0);
}

Test(gpu_device, the_list_counts_without_a_place_to_write)
{
    size_t count = 0;
    OK(gpu_list(test_log(), NULL, 0, &count));
    cr_expect_geq(count, 1);
    cr_expect_eq(gpu_list(test_log(), NULL, 3, &count), NEPHOS_ERROR_ARGUMENT);
}

static void expect_opens(const char *select, const char *name)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.select = select});
    cr_expect_str_eq(gpu_info(gpu)->name, name);
    gpu_close(&gpu);
    cr_expect_null(gpu);
}

Test(gpu_device, opens_by_index_uuid_and_part_of_the_name)
{
    const struct nephos_device_info info = first_device();
    char part[8];
    snprintf(part, sizeof part, "%.5s", info.name);
    for (char *c = part; *c; c++) *c ^= (*c >= 'a' && *c <= 'z') ? 0x20 : 0;
    expect_opens(NULL, info.name);
    expect_opens("0", info.name);
    expect_opens(info.uuid, info.name);
    expect_opens(part, info.name);
}

Test(gpu_device, limits_are_at_least_what_vulkan_guarantees)
{
    struct gpu *gpu = test_gpu();
    const struct gpu_limits *limits = gpu_get_limits(gpu);
    cr_expect_geq(limits->max_binding_size, (1u << 27) - 16);
    cr_expect_gt(limits->max_buffer_size, 0);
    cr_expect_gt(limits->memory_budget, 0);
    cr_expect(limits->offset_alignment >= 4 && limits->offset_alignment <= 256);
    cr_expect_eq(limits->software, gpu_info(gpu)->type == NEPHOS_DEVICE_CPU);
    for (int i = 0; i < 3; i++) cr_expect_geq(limits->max_group_count[i], 65535);
    cr_expect_str_eq(gpu_kernels(gpu), "auto");
    gpu_close(&gpu);
    gpu = test_gpu_with((struct nephos_device_params){.kernels = "baseline"});
    limits = gpu_get_limits(gpu);
    cr_expect_str_eq(gpu_kernels(gpu), "baseline");
    cr_expect(!limits->addresses && !limits->float16 && !limits->storage16);
    gpu_close(&gpu);
}

static void expect_refused(const struct nephos_device_params *params, enum nephos_status status, const char *word)
{
    struct gpu *gpu = NULL;
    cr_expect_eq(gpu_open(test_log(), params, &gpu), status);
    cr_expect_null(gpu);
    cr_expect(strstr(nephos_last_error(test_log()), word), "'%s' is not in: %s", word, nephos_last_error(test_log()));
}

Test(gpu_device, an_unknown_device_is_refused_with_the_list_of_those_there)
{
    const struct nephos_device_info info = first_device();
    expect_refused(&(struct nephos_device_params){.select = "no such thing"}, NEPHOS_ERROR_NO_DEVICE, "no such thing");
    expect_refused(&(struct nephos_device_params){.select = "99"}, NEPHOS_ERROR_NO_DEVICE, info.name);
}

Test(gpu_device, unknown_kernels_are_refused)
{
    expect_refused(&(struct nephos_device_params){.kernels = "fastest"}, NEPHOS_ERROR_ARGUMENT, "fastest");
}

Test(gpu_device, no_driver_at_all_is_told_with_what_to_install)
{
    size_t count = 7;
    setenv("VK_DRIVER_FILES", "/nonexistent.json", 1);
    setenv("VK_ICD_FILENAMES", "/nonexistent.json", 1);
    expect_refused(NULL, NEPHOS_ERROR_NO_DEVICE, "apt install");
    cr_expect_eq(gpu_list(test_log(), NULL, 0, &count), NEPHOS_ERROR_NO_DEVICE);
    cr_expect_eq(count, 7, "results are written on success only");
}

Test(gpu_device, a_missing_validation_layer_is_told)
{
    setenv("VK_LAYER_PATH", "/nonexistent", 1);
    expect_refused(&(struct nephos_device_params){.validation = true}, NEPHOS_ERROR, "VK_LAYER_KHRONOS_validation");
}

Test(gpu_device, two_devices_may_be_open_at_once)
{
    struct gpu *a = test_gpu(), *b = test_gpu();
    struct gpu_range x = test_floats(a, 100, 1), y = test_floats(b, 100, 2);
    test_expect(a, x, 1);
    gpu_buffer_destroy(&x.buffer);
    gpu_close(&a);
    test_expect(b, y, 2);
    gpu_buffer_destroy(&y.buffer);
    gpu_close(&b);
}

Test(gpu_device, closing_nothing_is_allowed)
{
    struct gpu *gpu = NULL;
    struct gpu_buffer *buffer = NULL;
    struct gpu_stream *stream = NULL;
    gpu_stream_destroy(&stream);
    gpu_buffer_destroy(&buffer);
    gpu_close(&gpu);
    cr_expect_eq(test_error_count(), 0);
}
