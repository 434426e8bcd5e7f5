// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include "common/device.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static void run_case(struct gpu *gpu, const struct check_op *check, const struct check_case *c)
{
    struct nephos_check_result result;
    const enum nephos_status status = check_run_case(gpu, check, c, test_gpu_share(gpu), &result, NULL, NULL);
    cr_expect(status == NEPHOS_OK, "%s %s: %s (deviation %.3g, allowed %.3g)", result.kernel, result.test_case, result.detail, result.error,
              result.limit);
}

void op_test_part(const struct check_op *check, uint32_t part, uint32_t parts)
{
    cr_assert(check && check->case_count, "no cases");
    struct gpu *gpu = test_gpu();
    const char *label = getenv("NEPHOS_SLOW");
    const bool slow = label && *label == '1';
    const uint32_t begin = check->case_count * part / parts, end = check->case_count * (part + 1) / parts;
    for (uint32_t i = begin; i < end; i++) {
        if (check_case_applies(gpu, &check->cases[i], slow)) run_case(gpu, check, &check->cases[i]);
    }
    gpu_close(&gpu);
    cr_expect_eq(test_error_count(), 0, "%s", nephos_last_error(test_log()));
}

void op_test_check(const struct check_op *check)
{
    op_test_part(check, 0, 1);
}

void op_test(const char *op)
{
    op_test_check(check_find(op));
}
