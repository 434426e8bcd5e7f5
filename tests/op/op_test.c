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

void op_test(const char *op)
{
    const struct check_op *check = check_find(op);
    cr_assert(check && check->case_count, "%s has no cases", op);
    unsigned errors = 0; // messages of the validation layer arrive as errors, too
    struct nephos_log *log = NULL;
    cr_assert(nephos_log_create(count_error, &errors, NEPHOS_LOG_WARN, &log) == NEPHOS_OK);
    const struct nephos_device_params params = {.validation = getenv("NEPHOS_TEST_VALIDATION") != NULL};
    struct gpu *gpu = NULL;
    cr_assert(gpu_open(log, &params, &gpu) == NEPHOS_OK, "%s", nephos_last_error(log));
    const char *slow = getenv("NEPHOS_SLOW");
    for (uint32_t i = 0; i < check->case_count; i++) {
        if (!check->cases[i].slow || (slow && *slow == '1')) run_case(gpu, check, &check->cases[i]);
    }
    gpu_close(&gpu);
    cr_expect(errors == 0, "%s: %u errors were logged", op, errors);
    nephos_log_destroy(&log);
}
