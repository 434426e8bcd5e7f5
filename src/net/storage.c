// SPDX-License-Identifier: MIT
// Which activations are stored with 16 bits. A tensor has one type for all that touch it, so one operator that can't read or write it
// so keeps it a float. Starts from all activations and takes back until every node agrees.
#include "net/net.h"

static bool is_candidate(const struct net_tensor *tensor)
{
    return tensor->kind == NET_ACTIVATION && !tensor->output && tensor->shape.c % 4 == 0;
}

// True: it was not a float yet.
static bool make_float(struct net_graph *graph, op_id id)
{
    if (id == OP_NONE || graph->tensors[id].shape.type == GPU_FP32) return false;
    graph->tensors[id].shape.type = GPU_FP32;
    return true;
}

// Takes back what the node can't have; at last everything. True: something was.
static bool settle(struct net_graph *graph, const struct net_node *node)
{
    struct op_infer info;
    bool changed = false;
    if (net_infer_node(graph, node, &info) != NEPHOS_OK) {
        net_poison(graph, base_fail(graph->log, NEPHOS_ERROR, "%s: its shapes don't fit any more", node->label));
        return false;
    }
    for (uint32_t i = 0; i < node->in_count; i++) changed |= !(node->op->half_in >> i & 1) && make_float(graph, node->in[i]);
    for (uint32_t i = 0; i < node->out_count; i++) changed |= !(node->op->half_out >> i & 1) && make_float(graph, node->out[i]);
    if (changed || op_takes_halves(node->op, &info)) return changed;
    for (uint32_t i = 0; i < node->in_count; i++) changed |= make_float(graph, node->in[i]);
    for (uint32_t i = 0; i < node->out_count; i++) changed |= make_float(graph, node->out[i]);
    return changed;
}

enum nephos_status net_store_activations(struct net_graph *graph, enum gpu_type type)
{
    for (uint32_t t = 0; t < graph->tensor_count; t++) {
        if (is_candidate(&graph->tensors[t])) graph->tensors[t].shape.type = type;
    }
    for (bool changed = true; changed && graph->status == NEPHOS_OK;) {
        changed = false;
        for (uint32_t n = 0; n < graph->node_count; n++) changed |= settle(graph, &graph->nodes[n]);
    }
    return graph->status;
}
