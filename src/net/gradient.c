// SPDX-License-Identifier: MIT
// Reverse-mode differentiation: walks the forward nodes backwards and lets each operator append the nodes of its gradient.
//
// A tensor with several readers gets its gradient as a sum. Where the operator can, the later contributions are added in place
// (op_call.accumulate). That needs care where a gradient tensor serves several forward tensors at once (alias: the gradients
// of an addition's operands are the gradient of the sum): it may be changed only when all other tensors it stands for have
// been dealt with. In a residual block that is always so by then, and no copy is made.
#include "net/net.h"

#include <stdlib.h>
#include <string.h>

struct gradient {
    struct net_graph *graph;
    op_id *grad;    // [forward tensors] gradient so far
    bool *needed;   // [forward tensors]
    uint32_t count; // forward tensors
    uint32_t node;  // being differentiated
};

// Marks what lies on a path from a parameter: everything else needs no gradient.
static void mark_needed(struct gradient *s)
{
    const struct net_graph *graph = s->graph;
    for (uint32_t i = 0; i < s->count; i++) {
        const struct net_tensor *tensor = &graph->tensors[i];
        s->needed[i] = tensor->kind == NET_PARAM && !graph->params[tensor->param].state;
    }
    for (uint32_t n = 0; n < graph->forward_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        bool any = false;
        for (uint32_t i = 0; i < node->in_count; i++) any |= node->in[i] != OP_NONE && s->needed[node->in[i]];
        for (uint32_t i = 0; i < node->out_count; i++) s->needed[node->out[i]] = any && node->op->grad;
    }
}

// Does `grad` stand for another forward tensor whose producer has still to read it?
static bool is_shared(const struct gradient *s, op_id grad, op_id self)
{
    for (uint32_t t = 0; t < s->count; t++) {
        if (t == self || s->grad[t] != grad) continue;
        const uint32_t producer = s->graph->tensors[t].producer;
        if (producer == UINT32_MAX || producer <= s->node) return true;
    }
    return false;
}

static void add_contribution(struct gradient *s, op_id forward, op_id contribution)
{
    if (s->grad[forward] == OP_NONE) {
        s->grad[forward] = contribution;
        return;
    }
    const op_id in[2] = {s->grad[forward], contribution};
    s->grad[forward] = net_add(s->graph, "add", s->graph->nodes[s->node].label, NULL, in, 2, NULL);
}

// The gradient of a parameter lives in the store's slab; one tensor of the graph stands for it.
static void set_param_grad(struct gradient *s, op_id forward, op_id grad)
{
    struct net_graph *graph = s->graph;
    if (s->grad[forward] != OP_NONE) {
        net_poison(graph, base_fail(graph->log, NEPHOS_ERROR, "%s: parameter '%s' is used twice, and its gradient can't be added in place",
                                    graph->nodes[s->node].label, graph->params[graph->tensors[forward].param].name));
        return;
    }
    s->grad[forward] = grad;
    graph->tensors[grad].kind = NET_GRAD;
    graph->tensors[grad].param = graph->tensors[forward].param;
}

// Output i of backward node `index` is a contribution to the gradient of `forward`.
static void collect(struct gradient *s, uint32_t index, uint32_t i, op_id forward)
{
    struct net_graph *graph = s->graph;
    struct net_node *node = &graph->nodes[index];
    const op_id sum = s->grad[forward], out = node->out[i];
    if (!op_shape_equal(graph->tensors[out].shape, graph->tensors[forward].shape)) {
        net_poison(graph, base_fail(graph->log, NEPHOS_ERROR, "%s: %s gives a gradient of another shape than its operand", node->label,
                                    node->op->name));
    } else if (sum != OP_NONE && node->op->flags & OP_ACCUMULATES && !is_shared(s, sum, forward)) {
        node->out[i] = sum;
        node->accumulate |= 1u << i;
    } else if (graph->tensors[forward].kind == NET_PARAM) {
        set_param_grad(s, forward, out);
    } else {
        add_contribution(s, forward, out);
    }
}

static void emit(struct op_grad *g, const char *op, const struct op_attr *attr, const op_id *in, uint32_t in_count, const int *target,
                 uint32_t out_count, op_id *result)
{
    struct gradient *s = g->user;
    struct net_graph *graph = s->graph;
    op_id out[OP_MAX_OUTPUTS];
    net_add(graph, op, graph->nodes[s->node].label, attr, in, in_count, out);
    const uint32_t index = graph->node_count - 1; // collect() may append more
    for (uint32_t i = 0; i < out_count && graph->status == NEPHOS_OK; i++) {
        if (result) result[i] = out[i];
        if (target[i] >= 0 && g->want[target[i]]) collect(s, index, i, g->in[target[i]]);
    }
}

static void alias(struct op_grad *g, int target, op_id id)
{
    struct gradient *s = g->user;
    if (s->graph->status == NEPHOS_OK && g->want[target]) add_contribution(s, g->in[target], id);
}

static void differentiate(struct gradient *s, uint32_t index)
{
    // Copied: the node list moves while backward nodes are appended.
    const struct net_node node = s->graph->nodes[index];
    s->node = index;
    struct op_grad g = {
        .attr = &node.attr, .in_count = node.in_count, .out_count = node.out_count, .emit = emit, .alias = alias, .user = s};
    bool reached = false, wanted = false;
    for (uint32_t i = 0; i < node.out_count; i++) {
        g.out[i] = node.out[i];
        g.out_shape[i] = net_shape(s->graph, node.out[i]);
        g.dout[i] = s->grad[node.out[i]];
        reached |= g.dout[i] != OP_NONE;
    }
    for (uint32_t i = 0; i < node.in_count; i++) {
        g.in[i] = node.in[i];
        if (node.in[i] == OP_NONE) continue;
        g.in_shape[i] = net_shape(s->graph, node.in[i]);
        g.want[i] = s->needed[node.in[i]];
        wanted |= g.want[i];
    }
    if (reached && wanted && node.op->grad) node.op->grad(&g);
}

// Parameters' gradients are added to what is there.
static void accumulate_params(struct net_graph *graph)
{
    for (uint32_t n = graph->forward_count; n < graph->node_count && graph->status == NEPHOS_OK; n++) {
        struct net_node *node = &graph->nodes[n];
        for (uint32_t i = 0; i < node->out_count; i++) {
            if (graph->tensors[node->out[i]].kind != NET_GRAD) continue;
            node->accumulate |= 1u << i;
            if (!(node->op->flags & OP_ACCUMULATES))
                net_poison(graph, base_fail(graph->log, NEPHOS_ERROR, "%s: %s can't add to a gradient", node->label, node->op->name));
        }
    }
}

static enum nephos_status differentiate_all(struct net_graph *graph, op_id loss, float share)
{
    if (graph->status != NEPHOS_OK) return graph->status;
    if (op_count(net_shape(graph, loss)) != 1) return base_fail(graph->log, NEPHOS_ERROR_ARGUMENT, "gradient: the loss must be a scalar");
    graph->forward_count = graph->node_count;
    struct gradient s = {.graph = graph, .count = graph->tensor_count};
    s.grad = malloc(s.count * sizeof *s.grad);
    s.needed = calloc(s.count, sizeof *s.needed);
    if (s.grad && s.needed) {
        memset(s.grad, 0xff, s.count * sizeof *s.grad); // OP_NONE
        mark_needed(&s);
        const struct op_attr scale = {.alpha = share};
        s.grad[loss] = graph->loss_scale;
        if (graph->loss_scale == OP_NONE) s.grad[loss] = net_add(graph, "fill", "loss", &scale, NULL, 0, NULL);
        else if (share != 1) s.grad[loss] = net_add(graph, "scale", "loss", &scale, &graph->loss_scale, 1, NULL);
        for (uint32_t n = graph->forward_count; n-- > 0 && graph->status == NEPHOS_OK;) differentiate(&s, n);
    } else {
        net_poison(graph, base_fail(graph->log, NEPHOS_ERROR_MEMORY, "gradient: out of memory"));
    }
    free(s.grad);
    free(s.needed);
    return graph->status;
}

enum nephos_status net_gradient(struct net_graph *graph, op_id loss)
{
    return differentiate_all(graph, loss, 1);
}

enum nephos_status net_gradient_part(struct net_graph *graph, op_id loss, float share)
{
    const enum nephos_status status = differentiate_all(graph, loss, share);
    if (status != NEPHOS_OK) return status;
    graph->adds = true;
    accumulate_params(graph);
    return graph->status;
}
