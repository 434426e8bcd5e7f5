// SPDX-License-Identifier: MIT
// Runs a single operator on given numbers, for tests that need more than random operands.
#ifndef OP_RUN_H
#define OP_RUN_H

#include "check/tape.h"

struct op_run {
    struct gpu *gpu;
    struct step_values step; // may be changed before op_run; starts as check_step
    struct tape tape;
    struct check_verdict verdict;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS];
    uint32_t in_count, out_count;
};

void op_run_open(struct op_run *run);
void op_run_close(struct op_run *run);

// Gives the next operand (floats, or words); the data must live until op_run. After a run, operands start anew.
void op_run_input(struct op_run *run, struct op_shape shape, const void *data);
// Runs the operator on the operands given. The test fails if the operator refuses them, or two runs differ.
void op_run(struct op_run *run, const char *op, const struct op_attr *attr);
// What operand or output i holds after the run.
const float *op_run_state(const struct op_run *run, uint32_t i);
const float *op_run_result(const struct op_run *run, uint32_t i);

#endif
