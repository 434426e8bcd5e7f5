// SPDX-License-Identifier: MIT
// Applies the patterns of fuse_patterns.c, then closes the gaps they leave.
#include "net/fuse.h"

#include <stdlib.h>
#include <string.h>

void fuse_set_operand(struct net_node *node, uint32_t i, op_id id)
{
    while (node->in_count <= i) node->in[node->in_count++] = OP_NONE;
    node->in[i] = id;
}

bool fuse_is(const struct net_graph *graph, uint32_t at, const char *op)
{
    const struct op *is = graph->nodes[at].op;
    return is && strcmp(is->name, op) == 0;
}

uint32_t fuse_maker(const struct net_graph *graph, op_id tensor, const char *op)
{
    if (tensor == OP_NONE) return UINT32_MAX;
    const uint32_t at = graph->tensors[tensor].producer;
    return at != UINT32_MAX && fuse_is(graph, at, op) && graph->nodes[at].out[0] == tensor ? at : UINT32_MAX;
}

bool fuse_has_one_reader(const struct net_graph *graph, op_id tensor)
{
    uint32_t readers = graph->tensors[tensor].output;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        for (uint32_t i = 0; node->op && i < node->in_count; i++) readers += node->in[i] == tensor;
    }
    return readers == 1;
}

// As net_infer, without a word about what does not fit.
static bool infer(const struct net_graph *graph, const struct net_node *node, struct op_infer *info)
{
    struct net_graph silent = *graph;
    silent.log = NULL;
    const enum nephos_status status = net_infer(&silent, node->op, node->label, &node->attr, node->in, node->in_count, info);
    info->limits = &graph->limits; // not those of the copy, which ends here
    return status == NEPHOS_OK;
}

bool fuse_fits(const struct net_graph *graph, struct net_node *node)
{
    struct op_infer info;
    if (!infer(graph, node, &info)) return false;
    node->needs = (struct op_needs){.workspace = info.workspace};
    return true;
}

const struct op_variant *fuse_fast_way(const struct net_graph *graph, const struct net_node *node, struct op_needs *needs)
{
    struct op_infer info;
    if (!infer(graph, node, &info)) return NULL;
    for (uint32_t i = 0;; i++) {
        const struct op_variant *variant = op_offered(node->op, &info, i, needs);
        if (!variant || op_may_win(info.limits, variant)) return variant;
    }
}

bool fuse_accepts(const struct net_graph *graph, const struct net_node *node, struct net_node *fused)
{
    struct op_needs ignored;
    return fuse_fits(graph, fused) && (!fuse_fast_way(graph, node, &ignored) || fuse_fast_way(graph, fused, &ignored));
}

void fuse_remove(struct net_graph *graph, uint32_t at)
{
    graph->nodes[at].op = NULL;
}

void fuse_put(struct net_graph *graph, const struct net_node *fused, uint32_t from, uint32_t at)
{
    const struct net_node replaced = graph->nodes[at];
    graph->nodes[from] = replaced; // its label is still to be freed
    fuse_remove(graph, from);
    graph->nodes[at] = *fused;
    for (uint32_t i = 0; i < fused->out_count; i++) graph->tensors[fused->out[i]].producer = at;
}

static bool makes_constants(const struct net_graph *graph, const struct net_node *node)
{
    return node->out_count && graph->tensors[node->out[0]].kind == NET_CONSTANT;
}

// Moves what is left into `nodes`; constants come first, as others read them.
static uint32_t compact(struct net_graph *graph, struct net_node *nodes)
{
    uint32_t count = 0;
    for (int constants = 1; constants >= 0; constants--) {
        for (uint32_t n = 0; n < graph->node_count; n++) {
            const struct net_node *node = &graph->nodes[n];
            if (node->op && makes_constants(graph, node) == (constants == 1)) nodes[count++] = *node;
        }
    }
    return count;
}

static void close_gaps(struct net_graph *graph)
{
    struct net_node *nodes = calloc(graph->node_capacity, sizeof *nodes);
    if (!nodes) {
        net_poison(graph, base_fail(graph->log, NEPHOS_ERROR_MEMORY, "fuse: out of memory"));
        return;
    }
    const uint32_t count = compact(graph, nodes);
    for (uint32_t n = 0; n < graph->node_count; n++) {
        if (!graph->nodes[n].op) free(graph->nodes[n].label);
    }
    free(graph->nodes);
    graph->nodes = nodes;
    graph->node_count = count;
    for (uint32_t t = 0; t < graph->tensor_count; t++) graph->tensors[t].producer = UINT32_MAX;
    for (uint32_t n = 0; n < count; n++) {
        for (uint32_t i = 0; i < nodes[n].out_count; i++) graph->tensors[nodes[n].out[i]].producer = n;
    }
}

enum nephos_status net_fuse(struct net_graph *graph)
{
    const enum fuse_graphs here = graph->training ? FUSE_TRAINING : FUSE_INFERENCE;
    if (graph->status != NEPHOS_OK) return graph->status;
    if (graph->forward_count) return base_fail(graph->log, NEPHOS_ERROR, "fuse: comes before the gradient");
    for (const struct fuse_pattern *pattern = fuse_patterns; pattern->name; pattern++) {
        if (!(pattern->graphs & here)) continue;
        const uint32_t count = graph->node_count; // patterns may append nodes that need no look
        for (uint32_t n = 0; n < count && graph->status == NEPHOS_OK; n++) pattern->apply(graph, n);
    }
    if (graph->node_count) close_gaps(graph);
    return graph->status;
}
