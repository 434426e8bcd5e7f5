// SPDX-License-Identifier: MIT
#include "common/device.h"

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

bool test_validation(void)
{
    const char *mode = getenv("NEPHOS_TEST_VALIDATION");
    if (!mode || !*mode || strcmp(mode, "0") == 0) return false;
    if (strcmp(mode, "sync") == 0) {
        // Two spellings: layers up to 1.3, and newer ones.
        setenv("VK_LAYER_ENABLES",
               "VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT:"
               "VALIDATION_CHECK_ENABLE_SYNCHRONIZATION_VALIDATION_QUEUE_SUBMIT",
               1);
        setenv("VK_LAYER_DISABLES", "VK_VALIDATION_FEATURE_DISABLE_CORE_CHECKS_EXT", 1);
        setenv("VK_LAYER_VALIDATE_SYNC", "1", 1);
        setenv("VK_LAYER_SYNCVAL_SUBMIT_TIME_VALIDATION", "1", 1);
        setenv("VK_LAYER_SYNCVAL_SHADER_ACCESSES_HEURISTIC", "1", 1);
    }
    return true;
}

struct gpu *test_gpu_with(struct nephos_device_params params)
{
    struct gpu *gpu = NULL;
    params.validation = test_validation();
    cr_assert_eq(gpu_open(test_log(), &params, &gpu), NEPHOS_OK, "no device: %s", nephos_last_error(test_log()));
    return gpu;
}

struct gpu *test_gpu(void)
{
    return test_gpu_with((struct nephos_device_params){0});
}
