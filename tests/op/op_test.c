// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include "check/check.h"
#include "common/device.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static void run_case(struct gpu *gpu, const struct check_op *check, const struct check_case *c)
{
    struct nephos_check_result result;
    const enum nephos_status status = check_run_case(gpu, check, c, &result, NULL, NULL);
    cr_expect(status == NEPHOS_OK, "%s %s: %s (deviation %.3g, allowed %.3g)", result.kernel, result.test_case, result.detail, result.error,
              result.limit);
}

static void run_cases(struct gpu *gpu, const struct check_op *check)
{
    const char *label = getenv("NEPHOS_SLOW");
    const bool slow = label && *label == '1';
    cr_assert(check->case_count, "%s has no cases", check->op);
    for (uint32_t i = 0; i < check->case_count; i++) {
        if (check_case_applies(gpu, &check->cases[i], slow)) run_case(gpu, check, &check->cases[i]);
    }
}

void op_test(const char *op)
{
    struct gpu *gpu = test_gpu();
    cr_assert(check_find(op), "%s has no checks", op);
    for (const struct check_op *const *row = check_table; *row; row++) {
        if (strcmp((*row)->op, op) == 0) run_cases(gpu, *row);
    }
    gpu_close(&gpu);
    cr_expect_eq(test_error_count(), 0, "%s", nephos_last_error(test_log()));
}
