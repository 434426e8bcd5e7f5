// SPDX-License-Identifier: MIT
#include "common/record.h"

#include "check/check.h"
#include "check/gradient.h"
#include "gpu/stream.h"
#include "train/network.h"

// The one buffer that everything lies in, at offset 0: nobody reads it.
static struct gpu_buffer nowhere = {.size = UINT64_C(1) << 40};

static struct op_tensor tensor(struct op_shape shape)
{
    return shape.n ? op_tensor_at(shape, (struct gpu_range){&nowhere, 0, op_bytes(shape)}) : (struct op_tensor){0};
}

static struct op_call make_call(struct gpu *gpu, const struct op *op, const struct op_attr *attr, const struct op_needs *needs,
                                uint32_t accumulate)
{
    struct op_call call = {
        .label = op->name, .attr = attr, .accumulate = accumulate, .step = {&nowhere, 0, sizeof(struct step_values)}, .gpu = gpu};
    if (needs->workspace) call.workspace = (struct gpu_range){&nowhere, 0, needs->workspace};
    if (needs->prepared) call.prepared = (struct gpu_range){&nowhere, 0, needs->prepared};
    return call;
}

static struct op_shape tape_shape(const struct tape *tape, op_id id)
{
    return id == OP_NONE ? (struct op_shape){0} : tape->tensor[id].shape;
}

static void record_tape(const struct tape *tape, struct gpu_stream *stream)
{
    for (uint32_t n = 0; n < tape->node_count; n++) {
        const struct tape_node *node = &tape->node[n];
        const struct op_needs needs = {op_bytes(tape_shape(tape, node->workspace)), op_bytes(tape_shape(tape, node->prepared))};
        struct op_call call = make_call(tape->gpu, node->op, &node->attr, &needs, node->accumulate);
        call.in_count = node->in_count;
        call.out_count = node->out_count;
        for (uint32_t i = 0; i < node->in_count; i++) call.in[i] = tensor(tape_shape(tape, node->in[i]));
        for (uint32_t i = 0; i < node->out_count; i++) call.out[i] = tensor(tape_shape(tape, node->out[i]));
        op_record(stream, node->op, node->variant, true, &call);
    }
}

static enum nephos_status build_case(struct tape *tape, const struct check_op *check, const struct check_case *c, bool prefilled)
{
    enum nephos_status status = NEPHOS_OK;
    op_id in[OP_MAX_INPUTS], out[OP_MAX_OUTPUTS] = {OP_NONE, OP_NONE, OP_NONE}, grad[OP_MAX_INPUTS], dout;
    uint32_t out_count = 0;
    for (uint32_t i = 0; i < OP_MAX_INPUTS; i++) {
        in[i] = grad[i] = OP_NONE;
        if (i >= c->in_count || !c->in[i].n) continue;
        TRY(tape_add_tensor(tape, check_case_input(c, i), NULL, &in[i]));
        if (prefilled && (check->differentiable >> i & 1)) TRY(tape_add_tensor(tape, check_case_input(c, i), NULL, &grad[i]));
    }
    TRY(tape_add_node(tape, check->op, &c->attr, in, c->in_count, out, &out_count, 0));
    if (!check->differentiable) return NEPHOS_OK;
    TRY(tape_add_tensor(tape, tape->tensor[out[0]].shape, NULL, &dout));
    TRY(check_expand_gradient(tape, &tape->node[0], dout, check->differentiable, grad));
fail:
    return status;
}

static bool is_varied(const struct tape *tape)
{
    for (uint32_t i = 0; i < tape->node_count; i++) {
        if (tape->node[i].variant) return true;
    }
    return false;
}

// Forward and backward, by the baseline and by every offer; with `prefilled` gradients, which are added to.
static enum nephos_status record_case(struct gpu *gpu, struct gpu_stream *stream, const struct check_op *check, const struct check_case *c,
                                      bool prefilled)
{
    enum nephos_status status = NEPHOS_OK;
    bool varied = true;
    for (uint32_t choice = 0; varied && status == NEPHOS_OK; choice++) {
        struct tape tape;
        tape_init(&tape, gpu);
        tape.choice = choice;
        tape.type = c->type;
        status = build_case(&tape, check, c, prefilled);
        varied = choice == 0 || is_varied(&tape);
        if (status == NEPHOS_OK && varied) record_tape(&tape, stream);
        tape_free(&tape);
    }
    return status;
}

static enum nephos_status record_checks(struct gpu *gpu, struct gpu_stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    for (const struct check_op *const *row = check_table; *row; row++) {
        for (uint32_t i = 0; i < (*row)->case_count; i++) {
            TRY(record_case(gpu, stream, *row, &(*row)->cases[i], false));
            TRY(record_case(gpu, stream, *row, &(*row)->cases[i], true));
        }
    }
fail:
    return status;
}

static struct op_shape graph_shape(const struct net_graph *graph, op_id id)
{
    return id == OP_NONE ? (struct op_shape){0} : net_shape(graph, id);
}

static void record_node(struct gpu *gpu, struct gpu_stream *stream, const struct net_graph *graph, const struct net_node *node,
                        const struct op_variant *variant, const struct op_needs *needs)
{
    struct op_call call = make_call(gpu, node->op, &node->attr, needs, node->accumulate);
    call.in_count = node->in_count;
    call.out_count = node->out_count;
    for (uint32_t i = 0; i < node->in_count; i++) call.in[i] = tensor(graph_shape(graph, node->in[i]));
    for (uint32_t i = 0; i < node->out_count; i++) call.out[i] = tensor(graph_shape(graph, node->out[i]));
    op_record(stream, node->op, variant, true, &call);
}

// Every node by the baseline and by every offer.
static void record_graph(struct gpu *gpu, struct gpu_stream *stream, const struct net_graph *graph)
{
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct net_node *node = &graph->nodes[n];
        struct op_needs needs = node->needs;
        struct op_infer info;
        record_node(gpu, stream, graph, node, NULL, &needs);
        if (net_infer(graph, node->op, node->label, &node->attr, node->in, node->in_count, &info) != NEPHOS_OK) return;
        for (uint32_t i = 0;; i++) {
            const struct op_variant *variant = op_offered(node->op, &info, i, &needs);
            if (!variant) break;
            record_node(gpu, stream, graph, node, variant, &needs);
        }
    }
}

static enum nephos_status record_network(struct gpu *gpu, struct gpu_stream *stream, enum network_purpose purpose, const char *encoder,
                                         bool exclusive)
{
    const struct network_spec spec = {
        .purpose = purpose,
        .model = {"unet", encoder, 64, 4, 0.1f},
        .batch = 2, // every tensor fits 128 MiB
        .height = 256,
        .width = 384,
        .exclusive = exclusive,
        .label_index = exclusive,
        .loss = {.bce = !exclusive, .ce = exclusive, .dice = 1},
        .threshold = 0.5f,
        .std = {1, 1, 1},
    };
    struct network *network = NULL;
    const enum nephos_status status = network_build(gpu_log(gpu), gpu_get_limits(gpu), &spec, &network);
    if (status == NEPHOS_OK) record_graph(gpu, stream, network->graph);
    network_destroy(&network);
    return status;
}

enum nephos_status test_record_everything(struct gpu *gpu, struct gpu_stream **stream)
{
    enum nephos_status status;
    TRY(gpu_stream_create(gpu, "everything", stream));
    TRY(record_checks(gpu, *stream));
    TRY(record_network(gpu, *stream, NETWORK_TRAIN, "resnet34", false));
    TRY(record_network(gpu, *stream, NETWORK_TRAIN, "resnet50", true));
    TRY(record_network(gpu, *stream, NETWORK_TRAIN, "none", false));
    TRY(record_network(gpu, *stream, NETWORK_PREDICT, "resnet34", true));
    return (*stream)->status;
fail:
    return status;
}
