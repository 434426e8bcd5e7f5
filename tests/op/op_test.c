// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include "check/check.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void count_error(void *user, enum nephos_log_level level, const char *message)
{
    if (level != NEPHOS_LOG_ERROR) return;
    ++*(unsigned *)user;
    cr_log_warn("%s", message);
}

static void run_case(struct gpu *gpu, const struct check_op *check, const struct check_case *c)
{
    struct nephos_check_result result;
    const enum nephos_status status = check_run_case(gpu, check, c, &result, NULL, NULL);
    cr_expect(status == NEPHOS_OK, "%s %s: %s (deviation %.3g, allowed %.3g)", result.kernel, result.test_case, result.detail, result.error,
              result.limit);
}

void op_device_open(struct op_device *device)
{
    *device = (struct op_device){0};
    cr_assert(nephos_log_create(count_error, &device->errors, NEPHOS_LOG_WARN, &device->log) == NEPHOS_OK);
    const struct nephos_device_params params = {.validation = getenv("NEPHOS_TEST_VALIDATION") != NULL};
    cr_assert(gpu_open(device->log, &params, &device->gpu) == NEPHOS_OK, "%s", nephos_last_error(device->log));
}

void op_device_close(struct op_device *device)
{
    gpu_close(&device->gpu);
    cr_expect(device->errors == 0, "%u errors were logged", device->errors);
    nephos_log_destroy(&device->log);
}

void op_test(const char *op)
{
    const struct check_op *check = check_find(op);
    cr_assert(check && check->case_count, "%s has no cases", op);
    struct op_device device;
    op_device_open(&device);
    const char *slow = getenv("NEPHOS_SLOW");
    for (uint32_t i = 0; i < check->case_count; i++) {
        if (!check->cases[i].slow || (slow && *slow == '1')) run_case(device.gpu, check, &check->cases[i]);
    }
    op_device_close(&device);
}
