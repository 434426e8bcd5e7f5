// SPDX-License-Identifier: MIT
#include "common/device.h"

#include "gpu/device.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static unsigned errors;

static void on_log(void *user, enum nephos_log_level level, const char *message)
{
    (void)user;
    if (level != NEPHOS_LOG_ERROR) return;
    errors++;
    if (strncmp(message, "Vulkan validation:", 18) != 0) return;
    cr_expect(false, "%s", message);
}

struct nephos_log *test_log(void)
{
    static struct nephos_log *log;
    if (!log) cr_assert_eq(nephos_log_create(on_log, NULL, NEPHOS_LOG_DEBUG, &log), NEPHOS_OK);
    return log;
}

unsigned test_error_count(void)
{
    return errors;
}

static bool is_set(const char *name)
{
    const char *wish = getenv(name);
    return wish && *wish && strcmp(wish, "0") != 0;
}

bool test_validation(void)
{
    return is_set("NEPHOS_TEST_VALIDATION");
}

// Kernels for GPUs take minutes to compile on a CPU; where the run looks at something else, they are left out.
static void leave_out_gpu_kernels(struct gpu *gpu)
{
    gpu->limits.variants = false;
    gpu->limits.matrices = (struct gpu_matrices){0};
}

void test_leave_tiles_to_the_other_driver(struct gpu *gpu)
{
    if (strstr(gpu_info(gpu)->name, "SwiftShader")) leave_out_gpu_kernels(gpu);
}

uint32_t test_gpu_share(const struct gpu *gpu)
{
    const char *wish = getenv("NEPHOS_TEST_GPU_SHARE");
    if (wish && *wish >= '1' && *wish <= '9') return (uint32_t)(*wish - '0');
    return strstr(gpu_info(gpu)->name, "SwiftShader") ? 5 : 1;
}

struct gpu *test_gpu_with(struct nephos_device_params params)
{
    struct gpu *gpu = NULL;
    params.validation = test_validation();
    cr_assert_eq(gpu_open(test_log(), &params, &gpu), NEPHOS_OK, "no device: %s", nephos_last_error(test_log()));
    if (is_set("NEPHOS_TEST_NO_GPU_KERNELS")) leave_out_gpu_kernels(gpu);
    return gpu;
}

struct gpu *test_gpu(void)
{
    return test_gpu_with((struct nephos_device_params){0});
}

const struct gpu_limits test_limits = {
    .max_binding_size = 1u << 27,
    .max_buffer_size = 1u << 30,
    .offset_alignment = 256,
    .max_invocations = 128,
    .max_shared_memory = 16384,
    .max_group_count = {65535, 65535, 65535},
};
