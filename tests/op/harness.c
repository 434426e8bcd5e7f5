// SPDX-License-Identifier: MIT
// The checking harness itself: it must notice what it is there to notice.
#include "check/check.h"
#include "common/device.h"

#include <criterion/criterion.h>
#include <string.h>

// Values as relu's kernel has them, and a slope that only differences see: the operands are single precision numbers exactly.
static void wrong_slope(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    for (uint64_t i = 0; i < op_count(in[0].shape); i++) {
        const double x = in[0].v[i], step = x - (double)(float)x;
        out[0].v[i] = (x > 0 ? x : 0) + 0.01 * step;
    }
}

static void wrong_value(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    (void)attr;
    for (uint64_t i = 0; i < op_count(in[0].shape); i++) out[0].v[i] = in[0].v[i] > 0 ? in[0].v[i] * 1.0001 : 0;
}

// A "state" operand that the kernel leaves alone.
static void wrong_state(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out)
{
    wrong_slope(attr, in, out);
    in[0].v[0] += 1;
}

static void expect_offence(void (*reference)(const struct op_attr *, const struct check_tensor *, struct check_tensor *), const char *word)
{
    struct check_op check = *check_find("relu");
    check.reference = reference;
    struct gpu *gpu = test_gpu();
    struct nephos_check_result result;
    const enum nephos_status status = check_run_case(gpu, &check, &check.cases[1], 1, &result, NULL, NULL);
    cr_expect_eq(status, NEPHOS_ERROR_CHECK);
    cr_expect(!result.passed);
    cr_expect(result.error > result.limit);
    cr_expect(strstr(result.detail, word), "detail: %s", result.detail);
    gpu_close(&gpu);
}

Test(harness, notices_a_wrong_value)
{
    expect_offence(wrong_value, "output0[");
}

Test(harness, notices_a_wrong_gradient)
{
    expect_offence(wrong_slope, "gradient of input0[");
}

Test(harness, notices_a_state_that_was_not_updated)
{
    expect_offence(wrong_state, "input0[0]");
}

Test(harness, fails_an_operator_that_refuses_its_case)
{
    struct gpu *gpu = test_gpu();
    const struct check_case c = {.op = "add", .in = {{1, 1, 1, 2}, {1, 1, 1, 3}}, .in_count = 2};
    struct nephos_check_result result;
    cr_expect_eq(check_run_case(gpu, check_find("add"), &c, 1, &result, NULL, NULL), NEPHOS_ERROR_CHECK);
    cr_expect(strstr(result.detail, "must be 1x1x1x2"), "detail: %s", result.detail);
    gpu_close(&gpu);
}

Test(harness, repeats_its_operands)
{
    struct gpu *gpu = test_gpu();
    const struct check_op *check = check_find("softmax");
    struct nephos_check_result first, second;
    check_run_case(gpu, check, &check->cases[2], 1, &first, NULL, NULL);
    check_run_case(gpu, check, &check->cases[2], 1, &second, NULL, NULL);
    cr_expect_eq(first.error, second.error);
    gpu_close(&gpu);
}
