// SPDX-License-Identifier: MIT
// The same contract as the network's gradient pass: contributions to one input are added up, in place where the operator can
// accumulate, else by an `add` node.
#include "check/gradient.h"

#include <string.h>

struct expansion {
    struct tape *tape;
    op_id *grad;
    bool borrowed[OP_MAX_INPUTS]; // grad[i] is an alias: must not be added to in place
    enum nephos_status status;
};

// grad[target] = grad[target] + id, as a new tensor.
static void add(struct expansion *e, int target, op_id id)
{
    const struct op_attr attr = {0};
    const op_id in[2] = {e->grad[target], id};
    op_id out[OP_MAX_OUTPUTS] = {OP_NONE, OP_NONE, OP_NONE};
    uint32_t out_count = 1;
    e->status = tape_add_node(e->tape, "add", &attr, in, 2, out, &out_count, 0);
    e->grad[target] = out[0];
    e->borrowed[target] = false;
}

static void emit(struct op_grad *g, const char *name, const struct op_attr *attr, const op_id *in, uint32_t in_count, const int *target,
                 uint32_t out_count, op_id *result)
{
    struct expansion *e = g->user;
    if (e->status != NEPHOS_OK) return;
    const struct op *op = op_find(name);
    op_id out[OP_MAX_OUTPUTS] = {OP_NONE, OP_NONE, OP_NONE};
    uint32_t accumulate = 0;
    for (uint32_t i = 0; op && (op->flags & OP_ACCUMULATES) && i < out_count; i++) {
        const int t = target[i];
        if (t < 0 || e->grad[t] == OP_NONE || e->borrowed[t]) continue;
        out[i] = e->grad[t];
        accumulate |= 1u << i;
    }
    e->status = tape_add_node(e->tape, name, attr, in, in_count, out, &out_count, accumulate);
    for (uint32_t i = 0; e->status == NEPHOS_OK && i < out_count; i++) {
        const int t = target[i];
        if (result) result[i] = out[i];
        if (t < 0 || (accumulate >> i & 1)) continue;
        if (e->grad[t] == OP_NONE) e->grad[t] = out[i];
        else add(e, t, out[i]);
    }
}

static void alias(struct op_grad *g, int target, op_id id)
{
    struct expansion *e = g->user;
    if (e->status != NEPHOS_OK) return;
    if (e->grad[target] != OP_NONE) {
        add(e, target, id);
        return;
    }
    e->grad[target] = id;
    e->borrowed[target] = true;
}

enum nephos_status check_expand_gradient(struct tape *tape, const struct tape_node *forward, op_id dout, uint32_t want, op_id *grad)
{
    if (!forward->op->grad) return base_fail(gpu_log(tape->gpu), NEPHOS_ERROR, "%s: has no gradient rule", forward->op->name);
    const struct op_attr attr = forward->attr;
    struct expansion e = {.tape = tape, .grad = grad};
    struct op_grad g = {
        .attr = &attr,
        .in_count = forward->in_count,
        .out_count = forward->out_count,
        .dout = {dout, OP_NONE, OP_NONE},
        .emit = emit,
        .alias = alias,
        .user = &e,
    };
    memcpy(g.in, forward->in, sizeof g.in);
    memcpy(g.out, forward->out, sizeof g.out);
    for (uint32_t i = 0; i < g.in_count; i++) {
        g.want[i] = (want >> i & 1) && g.in[i] != OP_NONE;
        if (g.in[i] != OP_NONE) g.in_shape[i] = tape->tensor[g.in[i]].shape;
    }
    for (uint32_t i = 0; i < g.out_count; i++) g.out_shape[i] = tape->tensor[g.out[i]].shape;
    forward->op->grad(&g);
    return e.status;
}
