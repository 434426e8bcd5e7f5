// SPDX-License-Identifier: MIT
// Every kernel against a double-precision reference. One list of cases, used by `nephos check`, the unit tests, and bench.
//
// Forward: the operator runs on the GPU with outputs and workspace pre-filled with NaN and guard words around every buffer, twice
// (the bits must be equal), and is compared with the reference. Backward: the operator's own gradient rule is expanded into
// backward nodes, run with a random cotangent, and compared with central differences of the double-precision forward
// reference contracted with the same cotangent; no backward reference is written. A second run with `accumulate` set checks
// that gradients are added. Inputs can be kept off kinks (CHECK_DISTINCT).
#ifndef CHECK_H
#define CHECK_H

#include "base/rng.h"
#include "op/op.h"
#include "step.h"

// What the step uniform holds while checks run (beta1 = 0.9, beta2 = 0.999 after three steps).
extern const struct step_values check_step;

struct check_tensor { // of a reference: doubles, NHWC
    struct op_shape shape;
    double *v;
};

enum check_fill { CHECK_NORMAL, CHECK_UNIFORM, CHECK_POSITIVE, CHECK_BITS, CHECK_INDEX, CHECK_DISTINCT, CHECK_WORDS, CHECK_MOMENTS, CHECK_OWN };
// NORMAL: standard normal. UNIFORM: (0,1). POSITIVE: 0.5..2. BITS: 0 or 1. INDEX: class index below `index_bound` as a float, some
// equal to attr.ignore_index. DISTINCT: a shuffled grid with gaps larger than the difference step, and away from 0 (max pool, relu).
// WORDS: random 32-bit words, not floats. MOMENTS: mean and biased variance of each channel of operand 0. OWN: words that check_op.fill
// makes.

struct check_case {
    const char *op;
    struct op_attr attr;
    struct op_shape in[OP_MAX_INPUTS]; // n = 0: optional operand left out
    uint32_t in_count;
    enum check_fill fill[OP_MAX_INPUTS];
    uint32_t index_bound;
    uint32_t partials; // elements per gradient compared one by one; 0: 512. Fewer where the reference takes long
    bool slow;         // only under the slow label
    enum gpu_type type; // of all operands and results that the operator takes with 16 bits
    bool software;     // only on devices where kernels for CPUs may be fastest: others would compile what finds out nothing new
};

// One operator's checks; a row in the table of src/check/checks.c.
struct check_op {
    const char *op;
    const struct check_case *cases;
    uint32_t case_count;
    // Forward in double precision: out[] have their shapes and storage; in[i].v is NULL for absent operands. State operands
    // (batch norm's running statistics) are updated in in[].
    void (*reference)(const struct op_attr *attr, const struct check_tensor *in, struct check_tensor *out);
    // Words of the operands of kind CHECK_OWN, count of them; NULL: there are none.
    void (*fill)(const struct check_case *c, struct base_rng *rng, uint32_t *words, uint64_t count);
    // Turns what the GPU wrote to output number `output` into floats where some words are not; NULL: all are.
    void (*decode)(uint32_t output, uint32_t *words, uint64_t count);
    uint32_t differentiable; // bit i: input i gets a gradient (checked by differences)
    uint32_t compare_outputs; // bit i: output i is compared with the reference; 0 means all
    double forward_tolerance, gradient_tolerance; // allowed error relative to the tensor's largest magnitude; reason in the row's file
};
extern const struct check_op *const check_table[]; // NULL at the end
const struct check_op *check_find(const char *op);

// Operand `input` with the type that it has in this case.
struct op_shape check_case_input(const struct check_case *c, uint32_t input);
bool check_case_applies(const struct gpu *gpu, const struct check_case *c, bool slow);
// Runs one case by the baseline and by every variant that is offered on this device, up to the first that fails; `report` (may be
// NULL) is told of each. *result is the last one's; its strings live until the next call on the same thread. `gpu_share`: 1, or only one
// in so many kernels for GPUs is run, others in each case: compiling them may take too long for tests.
enum nephos_status check_run_case(struct gpu *gpu, const struct check_op *check, const struct check_case *c, uint32_t gpu_share,
                                  struct nephos_check_result *result, nephos_check_fn report, void *user);
enum nephos_status check_run_all(struct gpu *gpu, bool slow, nephos_check_fn report, void *user);

#endif
