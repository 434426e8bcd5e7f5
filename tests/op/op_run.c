// SPDX-License-Identifier: MIT
#include "op/op_run.h"

#include "common/device.h"

#include <criterion/criterion.h>
#include <string.h>

void op_run_open(struct op_run *run)
{
    memset(run, 0, sizeof *run);
    run->gpu = test_gpu();
    run->step = check_step;
}

void op_run_close(struct op_run *run)
{
    tape_free(&run->tape);
    gpu_close(&run->gpu);
    cr_expect_eq(test_error_count(), 0, "%s", nephos_last_error(test_log()));
}

void op_run_input(struct op_run *run, struct op_shape shape, const void *data)
{
    if (run->in_count == 0) {
        tape_free(&run->tape);
        tape_init(&run->tape, run->gpu);
    }
    cr_assert(tape_add_tensor(&run->tape, shape, data, &run->in[run->in_count]) == NEPHOS_OK);
    run->in_count++;
}

void op_run(struct op_run *run, const char *op, const struct op_attr *attr)
{
    run->out_count = 0;
    for (uint32_t i = 0; i < OP_MAX_OUTPUTS; i++) run->out[i] = OP_NONE;
    memcpy(run->tape.step_words, &run->step, sizeof run->step);
    enum nephos_status status = tape_add_node(&run->tape, op, attr, run->in, run->in_count, run->out, &run->out_count, 0);
    if (status == NEPHOS_OK) status = tape_run(&run->tape, &run->verdict);
    cr_assert(status == NEPHOS_OK, "%s: %s", op, nephos_last_error(test_log()));
    cr_assert(!run->verdict.failed, "%s: %s", op, run->verdict.detail);
    run->in_count = 0;
}

const float *op_run_state(const struct op_run *run, uint32_t i)
{
    return (const float *)tape_result(&run->tape, run->in[i]);
}

const float *op_run_result(const struct op_run *run, uint32_t i)
{
    return (const float *)tape_result(&run->tape, run->out[i]);
}
