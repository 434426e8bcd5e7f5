// SPDX-License-Identifier: MIT
// A short list of operators with all their tensors, run on the GPU under watch: every tensor lies between guard words in one
// buffer, whatever is to be written holds NaN before, and the list runs twice and must leave the same bits.
#ifndef CHECK_TAPE_H
#define CHECK_TAPE_H

#include "check/verdict.h"

#define TAPE_MAX_TENSORS 64
#define TAPE_MAX_NODES 16

// Values are floats as words here, one for each element; in the buffer they have the tensor's type.
struct tape_tensor {
    struct op_shape shape;
    const uint32_t *initial; // NULL: NaN; else op_count(shape) words that belong to the caller, of values that the type can have
    uint64_t offset;         // in words of the buffer
    uint64_t first;          // in values
};

struct tape_node {
    const struct op *op;
    struct op_attr attr;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS], workspace, prepared;
    uint32_t in_count, out_count, accumulate;
    const struct op_variant *variant; // NULL: the baseline
};

struct tape {
    struct gpu *gpu;
    uint32_t choice; // nodes added are computed by the baseline (0) or by their offer number 1, 2 ..., if they have that many
    uint32_t offers; // the most that a node has
    uint64_t others; // bit i: offer i of some node is a kernel for CPUs
    enum gpu_type type; // of results that nodes can have with 16 bits
    struct tape_tensor tensor[TAPE_MAX_TENSORS];
    uint32_t tensor_count;
    struct tape_node node[TAPE_MAX_NODES];
    uint32_t node_count;
    op_id step;       // the step uniform
    uint32_t step_words[sizeof(struct step_values) / 4];
    uint64_t words;   // of the buffer
    uint64_t count;   // values of all tensors
    uint32_t *before, *after; // its content, made by tape_run
    uint32_t *values;         // of all tensors after the run
};

void tape_init(struct tape *tape, struct gpu *gpu);
void tape_free(struct tape *tape);

enum nephos_status tape_add_tensor(struct tape *tape, struct op_shape shape, const uint32_t *initial, op_id *id);
// Appends a node. out[i] = OP_NONE: a new tensor is made; *out_count is set (and checked where it is not 0).
enum nephos_status tape_add_node(struct tape *tape, const char *op, const struct op_attr *attr, const op_id *in, uint32_t in_count,
                                 op_id *out, uint32_t *out_count, uint32_t accumulate);
// Runs all nodes in order, twice. Overwritten guards and different bits go to the verdict; the status tells other failures.
enum nephos_status tape_run(struct tape *tape, struct check_verdict *verdict);
// Values after the run.
const uint32_t *tape_result(const struct tape *tape, op_id id);

#endif
