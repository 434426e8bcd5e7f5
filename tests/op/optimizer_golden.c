// SPDX-License-Identifier: MIT
// Optimizers against PyTorch's, over steps that rectified Adam takes before and after it trusts its variance.
#include "common/device.h"
#include "data/safetensors.h"
#include "op/op_run.h"
#include "train/bias.h"
#include "train/setting.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

enum { COUNT = 65, STEPS = 24 };

static float *read_tensor(const struct safetensors *file, const char *name, uint64_t count)
{
    const struct safetensors_entry *entry = safetensors_find(file, name);
    float *values = malloc(count * sizeof *values);
    cr_assert_not_null(entry, "%s has no tensor '%s'", file->path, name);
    cr_assert_eq(safetensors_read_f32(file, entry, values, count), NEPHOS_OK);
    return values;
}

// Rounding of p itself adds up over the steps: half an ulp of numbers up to 4 each, and that of updates of about 0.01.
static void follow(const char *op, uint32_t optimizer)
{
    struct op_run run;
    struct safetensors *file = NULL;
    float moments[2 * COUNT] = {0};
    const float scale[4] = {1, 1, 1, 0};
    const struct op_attr attr = {.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f, .weight_decay = 0.1f};
    cr_assert_eq(safetensors_open(test_log(), TESTS_DIR "/golden/optimizers.safetensors", &file), NEPHOS_OK);
    float *p = read_tensor(file, "start", COUNT), *gradients = read_tensor(file, "gradients", STEPS * COUNT);
    float *want = read_tensor(file, op, STEPS * COUNT);
    op_run_open(&run);
    for (uint32_t step = 0; step < STEPS; step++) {
        run.step.count = step + 1;
        run.step.lr = 0.01f;
        bias_corrections(optimizer, (double)attr.beta1, (double)attr.beta2, &run.step);
        op_run_input(&run, op_vector(COUNT), p);
        op_run_input(&run, op_vector(COUNT), gradients + (size_t)step * COUNT);
        op_run_input(&run, op_vector(2 * COUNT), moments);
        op_run_input(&run, op_vector(4), scale);
        op_run(&run, op, &attr);
        for (int i = 0; i < COUNT; i++) {
            p[i] = op_run_state(&run, 0)[i];
            moments[2 * i] = op_run_state(&run, 2)[2 * i];
            moments[2 * i + 1] = op_run_state(&run, 2)[2 * i + 1];
            const double right = (double)want[step * COUNT + i];
            cr_expect_float_eq(p[i], right, 1e-6 + 1e-7 * step, "%s step %u [%d]: %.9g, PyTorch %.9g", op, step + 1, i, (double)p[i],
                               right);
        }
    }
    op_run_close(&run);
    free(p);
    free(gradients);
    free(want);
    safetensors_close(&file);
}

Test(optimizer_golden, radam_follows_pytorch)
{
    follow("radam", TRAIN_RADAM);
}

Test(optimizer_golden, nadam_follows_pytorch)
{
    follow("nadam", TRAIN_NADAM);
}

Test(optimizer_golden, the_fifth_step_is_the_last_that_is_not_rectified)
{
    struct step_values step = {.count = 5};
    bias_corrections(TRAIN_RADAM, 0.9, 0.999, &step);
    cr_expect_eq(step.bias_correction2, 0);
    step.count = 6;
    bias_corrections(TRAIN_RADAM, 0.9, 0.999, &step);
    cr_expect_eq(step.bias_correction2, 1);
}

Test(optimizer_golden, corrections_fade_in_long_runs)
{
    struct step_values step = {.count = 4000000000u};
    bias_corrections(TRAIN_RADAM, 0.9, 0.999, &step);
    cr_expect_float_eq(step.bias_correction1, 1, 1e-6);
    bias_corrections(TRAIN_NADAM, 0.9, 0.999, &step);
    cr_expect_float_eq(step.bias_correction1, 1 / 0.9, 1e-6);
    cr_expect_float_eq(step.bias_correction3, 10, 1e-4);
}
