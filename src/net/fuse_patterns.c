// SPDX-License-Identifier: MIT
// What is fused. Epilogues of convolutions pay where nothing between is needed again: in inference.
#include "net/fuse.h"

#include <string.h>

enum { CONV_BIAS = 2, RESIDUAL = 3, CONV_SKIP = 4, NORM_MOMENTS = 4 }; // operands of conv2d and batch_norm

// --- gathered input: upsample_nearest -> [concat] -> conv2d -----------------------------------------------------------

static bool doubles(const struct net_graph *graph, uint32_t at)
{
    const struct op_shape x = net_shape(graph, graph->nodes[at].in[0]), y = net_shape(graph, graph->nodes[at].out[0]);
    return y.h == 2 * x.h && y.w == 2 * x.w;
}

// The weight gradient gathers too. `fused` and `plain` are convolutions.
static bool accepts_weight_gradient(const struct net_graph *graph, const struct net_node *plain, const struct net_node *fused)
{
    const struct net_node *conv[2] = {plain, fused};
    struct net_node dw[2];
    for (int i = 0; i < 2; i++) {
        const struct op_shape w = net_shape(graph, conv[i]->in[1]);
        dw[i] = *conv[i];
        dw[i].op = &op_conv2d_dw;
        dw[i].attr.kernel[0] = w.h;
        dw[i].attr.kernel[1] = w.w;
        dw[i].in_count = 2;
        dw[i].in[1] = conv[i]->out[0]; // has the shape of its gradient
        if (fuse_operand(conv[i], CONV_SKIP) != OP_NONE) fuse_set_operand(&dw[i], 2, conv[i]->in[CONV_SKIP]);
    }
    return fuse_accepts(graph, &dw[0], &dw[1]);
}

static bool gather(struct net_graph *graph, uint32_t at)
{
    if (!fuse_is(graph, at, "conv2d")) return false;
    const struct net_node *conv = &graph->nodes[at];
    struct net_node fused = *conv;
    op_id near = conv->in[0], skip = OP_NONE;
    if (conv->attr.groups > 1 || conv->attr.upsample > 1 || fuse_operand(conv, CONV_SKIP) != OP_NONE) return false;
    const uint32_t concat = fuse_has_one_reader(graph, near) ? fuse_maker(graph, near, "concat") : UINT32_MAX;
    if (concat != UINT32_MAX) {
        if (graph->nodes[concat].in_count != 2) return false;
        near = graph->nodes[concat].in[0];
        skip = graph->nodes[concat].in[1];
        fuse_set_operand(&fused, CONV_SKIP, skip);
    }
    uint32_t upsample = fuse_has_one_reader(graph, near) ? fuse_maker(graph, near, "upsample_nearest") : UINT32_MAX;
    if (upsample != UINT32_MAX && !doubles(graph, upsample)) upsample = UINT32_MAX;
    if (upsample != UINT32_MAX) {
        near = graph->nodes[upsample].in[0];
        fused.attr.upsample = 2;
    }
    if (near == conv->in[0]) return false;
    fused.in[0] = near;
    if (!fuse_accepts(graph, conv, &fused) || (graph->training && !accepts_weight_gradient(graph, conv, &fused))) return false;
    graph->nodes[at] = fused;
    if (concat != UINT32_MAX) fuse_remove(graph, concat);
    if (upsample != UINT32_MAX) fuse_remove(graph, upsample);
    return true;
}

// --- upsample_nearest -> concat: where no convolution gathers them, both are written where they are read ----------------------

static bool join(struct net_graph *graph, uint32_t at)
{
    if (!fuse_is(graph, at, "concat") || graph->nodes[at].in_count != 2) return false;
    const op_id near = graph->nodes[at].in[0];
    const uint32_t upsample = fuse_has_one_reader(graph, near) ? fuse_maker(graph, near, "upsample_nearest") : UINT32_MAX;
    if (upsample == UINT32_MAX || !doubles(graph, upsample)) return false;
    struct net_node fused = graph->nodes[at];
    fused.op = &op_upsample_concat;
    fused.attr = (struct op_attr){.upsample = 2};
    fused.in[0] = graph->nodes[upsample].in[0];
    if (!fuse_accepts(graph, &graph->nodes[at], &fused)) return false;
    graph->nodes[at] = fused;
    fuse_remove(graph, upsample);
    return true;
}

// --- conv2d -> batch_norm_infer: one convolution with other weights ---------------------------------------------------

// Weights and bias of the two together, as constants.
static bool add_folded(struct net_graph *graph, const struct net_node *conv, const struct net_node *norm, op_id out[OP_MAX_OUTPUTS])
{
    const op_id bias = fuse_operand(conv, CONV_BIAS), in[] = {conv->in[1], norm->in[1], norm->in[2], bias};
    for (int i = 0; i < 4; i++) {
        if (in[i] != OP_NONE && graph->tensors[in[i]].kind != NET_PARAM) return false;
    }
    const struct op_attr attr = {.eps = norm->attr.eps};
    net_add(graph, "fold_batch_norm", norm->label, &attr, in, bias == OP_NONE ? 3 : 4, out);
    if (graph->status != NEPHOS_OK) return false;
    for (int i = 0; i < 2; i++) graph->tensors[out[i]].kind = NET_CONSTANT;
    return true;
}

static bool fold(struct net_graph *graph, uint32_t at)
{
    if (!fuse_is(graph, at, "batch_norm_infer")) return false;
    const struct net_node norm = graph->nodes[at]; // copied: the list moves while a node is appended
    const uint32_t from = fuse_maker(graph, norm.in[0], "conv2d");
    if (from == UINT32_MAX || !fuse_has_one_reader(graph, norm.in[0])) return false;
    const struct net_node conv = graph->nodes[from];
    op_id folded[OP_MAX_OUTPUTS];
    if (conv.attr.relu || fuse_operand(&conv, RESIDUAL) != OP_NONE || !add_folded(graph, &conv, &norm, folded)) return false;
    struct net_node fused = conv;
    fused.in[1] = folded[0];
    fuse_set_operand(&fused, CONV_BIAS, folded[1]);
    fused.out[0] = norm.out[0];
    if (!fuse_accepts(graph, &conv, &fused)) {
        fuse_remove(graph, graph->node_count - 1);
        return false;
    }
    // A residual and ReLU of the batch norm itself have the same places in a convolution.
    fuse_put(graph, &fused, from, at);
    return true;
}

// --- conv2d or batch_norm -> add, -> relu: epilogues ------------------------------------------------------------------

// A node that makes `tensor` for one reader and can have an epilogue; UINT32_MAX: there is none.
static uint32_t find_host(const struct net_graph *graph, op_id tensor)
{
    const char *const hosts[] = {"batch_norm", "batch_norm_infer", graph->training ? "" : "conv2d"};
    for (size_t i = 0; i < ARRAY_COUNT(hosts); i++) {
        const uint32_t host = fuse_maker(graph, tensor, hosts[i]);
        if (host == UINT32_MAX) continue;
        return fuse_has_one_reader(graph, tensor) && !graph->nodes[host].attr.relu && !graph->nodes[host].attr.stats ? host : UINT32_MAX;
    }
    return UINT32_MAX;
}

static bool absorb(struct net_graph *graph, uint32_t host, struct net_node *fused, uint32_t at)
{
    fused->out[0] = graph->nodes[at].out[0];
    if (!fuse_accepts(graph, &graph->nodes[host], fused)) return false;
    fuse_put(graph, fused, host, at);
    return true;
}

static bool absorb_add(struct net_graph *graph, uint32_t at)
{
    if (!fuse_is(graph, at, "add")) return false;
    for (uint32_t i = 0; i < 2; i++) {
        const op_id mine = graph->nodes[at].in[i], other = graph->nodes[at].in[1 - i];
        const uint32_t host = find_host(graph, mine);
        if (host == UINT32_MAX || fuse_operand(&graph->nodes[host], RESIDUAL) != OP_NONE) continue;
        struct net_node fused = graph->nodes[host];
        fuse_set_operand(&fused, RESIDUAL, other);
        if (absorb(graph, host, &fused, at)) return true;
    }
    return false;
}

static bool absorb_relu(struct net_graph *graph, uint32_t at)
{
    if (!fuse_is(graph, at, "relu")) return false;
    const uint32_t host = find_host(graph, graph->nodes[at].in[0]);
    if (host == UINT32_MAX) return false;
    struct net_node fused = graph->nodes[host];
    fused.attr.relu = 1;
    return absorb(graph, host, &fused, at);
}

// --- conv2d -> batch_norm: statistics as an epilogue ------------------------------------------------------------------

static bool share_moments(struct net_graph *graph, uint32_t at)
{
    if (!fuse_is(graph, at, "batch_norm") || fuse_operand(&graph->nodes[at], NORM_MOMENTS) != OP_NONE) return false;
    struct net_node norm = graph->nodes[at];
    const uint32_t from = fuse_maker(graph, norm.in[0], "conv2d");
    if (from == UINT32_MAX) return false;
    struct net_node conv = graph->nodes[from];
    if (!conv.attr.stats) {
        conv.attr.stats = 1;
        conv.out[1] = net_tensor(graph, (struct net_tensor){.shape = {1, 1, 2, net_shape(graph, norm.in[0]).c},
                                                            .kind = NET_ACTIVATION,
                                                            .param = UINT32_MAX,
                                                            .producer = from});
        conv.out_count = 2;
    }
    fuse_set_operand(&norm, NORM_MOMENTS, conv.out[1]);
    if (conv.out[1] == OP_NONE || !fuse_accepts(graph, &graph->nodes[from], &conv) || !fuse_accepts(graph, &graph->nodes[at], &norm)) return false;
    graph->nodes[from] = conv;
    graph->nodes[at] = norm;
    return true;
}

const struct fuse_pattern fuse_patterns[] = {
    {"gather", FUSE_ALL, gather},
    {"join", FUSE_ALL, join},
    {"fold", FUSE_INFERENCE, fold},
    {"add", FUSE_ALL, absorb_add},
    {"relu", FUSE_ALL, absorb_relu},
    {"moments", FUSE_TRAINING, share_moments},
    {NULL, 0, NULL},
};
