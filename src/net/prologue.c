// SPDX-License-Identifier: MIT
// Moves batch norm and ReLU into the loads of the convolutions behind them (op/prologue.h): the forward pass and the gradient of the
// weights. Both read the batch norm's input, which its own gradient keeps anyhow; its result is never stored. It comes after the
// gradient, as no rule has to know: the gradient of the result is made as ever, and batch_norm_bwd does not read the result.
#include "op/prologue.h"

#include "net/fuse.h"

// A GPU's tiles load an element of x once for each tap that reads it and each tile of output channels, and normalise it each time, with
// some 5 operations. To store it and load it again moves 8 bytes, in whose time GPUs do 70 (with the fastest memory) to 330 operations.
#define MOST_LOADS 18
#define TILE_CHANNELS 128 // of the largest tiles

enum { NORM_RESIDUAL = 3, NORM_MOMENTS = 4, CONV_SAVED = 5, DW_SAVED = 3 }; // operands

// The reader of a batch norm's result with that in its loads.
static struct net_node normalising(const struct net_node *norm, const struct net_node *reader)
{
    struct net_node node = *reader;
    node.in[0] = norm->in[0];
    fuse_set_operand(&node, reader->op == &op_conv2d ? CONV_SAVED : DW_SAVED, norm->out[1]);
    node.attr.prologue = norm->attr.relu ? OP_PROLOGUE_NORM_RELU : OP_PROLOGUE_NORM;
    return node;
}

static bool can_normalise(const struct net_graph *graph, const struct net_node *norm, const struct net_node *reader, bool everywhere)
{
    if (reader->op != &op_conv2d && reader->op != &op_conv2d_dw) return false;
    for (uint32_t i = 1; i < reader->in_count; i++) {
        if (reader->in[i] == norm->out[0]) return false;
    }
    struct net_node node = normalising(norm, reader);
    struct op_needs ignored;
    if (!fuse_fits(graph, &node) || node.needs.workspace > graph->limits.max_binding_size) return false;
    return everywhere || fuse_fast_way(graph, &node, &ignored);
}

// Loads of an element of x by all tiles.
static uint32_t loads_of(const struct net_graph *graph, const struct net_node *reader)
{
    const bool forward = reader->op == &op_conv2d;
    const struct op_shape x = net_shape(graph, reader->in[0]), w = net_shape(graph, forward ? reader->in[1] : reader->out[0]);
    const struct op_shape y = net_shape(graph, forward ? reader->out[0] : reader->in[1]);
    const uint64_t taps = (uint64_t)w.h * w.w, pixels = (uint64_t)x.h * x.w;
    return (uint32_t)((taps * y.h * y.w + pixels - 1) / pixels) * ((y.c + TILE_CHANNELS - 1) / TILE_CHANNELS);
}

static bool reads(const struct net_node *node, op_id tensor)
{
    for (uint32_t i = 0; i < node->in_count; i++) {
        if (node->in[i] == tensor) return true;
    }
    return false;
}

// Where one reader needs the result it is stored, and the others may as well read it.
static bool all_can_normalise(const struct net_graph *graph, const struct net_node *norm, bool everywhere)
{
    uint32_t readers = 0, loads = 0;
    if (norm->op != &op_batch_norm || fuse_operand(norm, NORM_RESIDUAL) != OP_NONE || graph->tensors[norm->out[0]].output) return false;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        if (!reads(&graph->nodes[n], norm->out[0])) continue;
        if (!can_normalise(graph, norm, &graph->nodes[n], everywhere)) return false;
        readers++;
        loads += loads_of(graph, &graph->nodes[n]);
    }
    return readers > 0 && (everywhere || graph->limits.software || loads <= MOST_LOADS);
}

// What is left of a batch norm.
static struct net_node statistics(const struct net_node *norm)
{
    struct net_node node = *norm;
    const op_id moments = fuse_operand(norm, NORM_MOMENTS);
    node.op = &op_batch_norm_stats;
    node.attr.relu = 0;
    node.in[NORM_RESIDUAL] = moments;
    node.in_count = moments == OP_NONE ? 3 : 4;
    node.out[0] = norm->out[1];
    node.out_count = 1;
    return node;
}

// Until net_tune chooses, a fast way counts: the baseline would take memory for what is normalised, which plans made before then would
// reckon with.
static void replace(const struct net_graph *graph, struct net_node *node, struct net_node by)
{
    struct op_needs needs;
    fuse_fits(graph, &by);
    by.variant = fuse_fast_way(graph, &by, &needs);
    if (by.variant) by.needs = needs;
    *node = by;
}

static void move(struct net_graph *graph, uint32_t at)
{
    const struct net_node norm = graph->nodes[at];
    for (uint32_t n = 0; n < graph->node_count; n++) {
        struct net_node *node = &graph->nodes[n];
        if (reads(node, norm.out[0])) replace(graph, node, normalising(&norm, node));
    }
    graph->nodes[at] = statistics(&norm);
    fuse_fits(graph, &graph->nodes[at]);
    graph->tensors[norm.out[0]].producer = UINT32_MAX;
}

enum nephos_status net_prologue(struct net_graph *graph, enum net_prologues which)
{
    if (graph->status != NEPHOS_OK || which == NET_PROLOGUES_NONE) return graph->status;
    for (uint32_t n = 0; n < graph->node_count; n++) {
        if (all_can_normalise(graph, &graph->nodes[n], which == NET_PROLOGUES_EVERYWHERE)) move(graph, n);
    }
    return graph->status;
}
