// SPDX-License-Identifier: MIT
// Counts what the kernels of a step would read and write: every node is recorded, nothing is run. Operands share one buffer.
#include "train/bench.h"

#include <stdlib.h>
#include <string.h>

struct traffic {
    struct gpu *gpu;
    struct gpu_buffer *buffer;
    struct nephos_traffic_count *counts; // [operators of op_table], [1] of all
    uint32_t kinds;
};

static uint32_t kind_of(const struct op *op)
{
    uint32_t kind = 0;
    while (op_table[kind] != op) kind++;
    return kind;
}

static uint64_t largest_operand(const struct net_graph *graph)
{
    uint64_t largest = 4;
    for (uint32_t t = 0; t < graph->tensor_count; t++) {
        const uint64_t size = op_bytes(graph->tensors[t].shape);
        if (size > largest) largest = size;
    }
    for (uint32_t n = 0; n < graph->node_count; n++) {
        const struct op_needs needs = graph->nodes[n].needs;
        if (needs.workspace > largest) largest = needs.workspace;
        if (needs.prepared > largest) largest = needs.prepared;
    }
    return largest;
}

static struct op_tensor operand(const struct traffic *t, const struct net_graph *graph, op_id id)
{
    const struct op_shape shape = net_shape(graph, id);
    return shape.n ? op_tensor_at(shape, (struct gpu_range){t->buffer, 0, op_bytes(shape)}) : (struct op_tensor){0};
}

static double least_of(const struct op_call *call)
{
    double bytes = 0;
    for (uint32_t i = 0; i < call->in_count; i++) bytes += (double)call->in[i].range.size;
    for (uint32_t i = 0; i < call->out_count; i++) bytes += (double)call->out[i].range.size * (1 + (call->accumulate >> i & 1));
    return bytes;
}

static void add(struct nephos_traffic_count *to, struct nephos_traffic_count more)
{
    to->operators += more.operators;
    to->dispatches += more.dispatches;
    to->moved += more.moved;
    to->least += more.least;
}

static enum nephos_status count_node(struct traffic *t, const struct net_graph *graph, const struct net_node *node)
{
    struct gpu_stream *stream = NULL;
    struct op_call call = {.label = node->label,
                           .attr = &node->attr,
                           .in_count = node->in_count,
                           .out_count = node->out_count,
                           .accumulate = node->accumulate,
                           .step = {t->buffer, 0, sizeof(struct step_values)},
                           .gpu = t->gpu};
    if (node->needs.workspace) call.workspace = (struct gpu_range){t->buffer, 0, node->needs.workspace};
    if (node->needs.prepared) call.prepared = (struct gpu_range){t->buffer, 0, node->needs.prepared};
    for (uint32_t i = 0; i < node->in_count; i++) call.in[i] = operand(t, graph, node->in[i]);
    for (uint32_t i = 0; i < node->out_count; i++) call.out[i] = operand(t, graph, node->out[i]);
    const enum nephos_status status = gpu_stream_create(t->gpu, node->label, &stream);
    if (status != NEPHOS_OK) return status;
    op_record(stream, node->op, node->variant, graph->training, &call);
    const struct nephos_traffic_count count = {1, gpu_stream_dispatch_count(stream), gpu_stream_bytes(stream), least_of(&call)};
    gpu_stream_destroy(&stream);
    add(&t->counts[kind_of(node->op)], count);
    add(&t->counts[t->kinds], count);
    return NEPHOS_OK;
}

// Nodes that run when parameters have changed, not at every step, are left out.
static bool is_constant(const struct net_graph *graph, const struct net_node *node)
{
    return node->out_count && graph->tensors[node->out[0]].kind == NET_CONSTANT;
}

static enum nephos_status count_graph(struct traffic *t, const struct nephos_bench_params *params, enum network_purpose purpose)
{
    struct network *network = NULL;
    struct bench_numbers numbers = {0};
    enum nephos_status status = bench_check(t->gpu, params, &numbers);
    if (status != NEPHOS_OK) return status;
    const struct network_spec spec = bench_spec(params, numbers, purpose);
    status = network_build(gpu_log(t->gpu), gpu_get_limits(t->gpu), &spec, &network);
    if (status != NEPHOS_OK) return status;
    const struct net_graph *graph = network->graph;
    // Kernels that were asked for by name are counted; else the baseline, as nothing is run that could tell which are fast.
    if (strcmp(gpu_kernels(t->gpu), "auto") != 0) status = net_tune(t->gpu, network->graph);
    if (status == NEPHOS_OK) status = gpu_buffer_create(t->gpu, GPU_MEMORY_DEVICE, largest_operand(graph), "traffic", &t->buffer);
    for (uint32_t n = 0; n < graph->node_count && status == NEPHOS_OK; n++) {
        if (!is_constant(graph, &graph->nodes[n])) status = count_node(t, graph, &graph->nodes[n]);
    }
    gpu_buffer_destroy(&t->buffer);
    network_destroy(&network);
    return status;
}

static enum nephos_status count_step(struct gpu *gpu, struct nephos_bench_params params, enum network_purpose purpose,
                                     nephos_traffic_fn report, void *user)
{
    uint32_t kinds = 0;
    while (op_table[kinds]) kinds++;
    struct nephos_traffic_count *counts = calloc(2 * (kinds + 1), sizeof *counts);
    if (!counts) return base_fail(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "traffic: out of memory");
    enum nephos_status status = NEPHOS_OK;
    for (int fused = 0; fused < 2 && status == NEPHOS_OK; fused++) {
        struct traffic t = {.gpu = gpu, .counts = counts + fused * (kinds + 1), .kinds = kinds};
        params.fuse = fused ? "on" : "off";
        status = count_graph(&t, &params, purpose);
    }
    for (uint32_t i = 0; i <= kinds && status == NEPHOS_OK; i++) {
        const struct nephos_traffic_row row = {bench_step_name(purpose), i < kinds ? op_table[i]->name : "total", counts[i],
                                               counts[kinds + 1 + i]};
        if (row.plain.operators || row.fused.operators) report(user, &row);
    }
    free(counts);
    return status;
}

enum nephos_status bench_traffic(struct gpu *gpu, const struct nephos_bench_params *params, nephos_traffic_fn report, void *user)
{
    const struct nephos_bench_params p = bench_defaults(params);
    const enum nephos_status status = count_step(gpu, p, NETWORK_TRAIN, report, user);
    return status != NEPHOS_OK ? status : count_step(gpu, p, NETWORK_PREDICT, report, user);
}
