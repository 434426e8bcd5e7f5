// SPDX-License-Identifier: MIT
// The graph: tensors with known shapes, and a list of nodes in the order in which they run.
#include "net/net.h"

#include <stdlib.h>
#include <string.h>

enum nephos_status net_graph_create(struct nephos_log *log, const struct gpu_limits *limits, bool training, struct net_graph **graph)
{
    struct net_graph *created = calloc(1, sizeof *created);
    if (!created) return base_fail(log, NEPHOS_ERROR_MEMORY, "graph: out of memory");
    created->log = log;
    created->limits = *limits;
    created->training = training;
    created->loss_scale = OP_NONE;
    *graph = created;
    return NEPHOS_OK;
}

void net_graph_destroy(struct net_graph **graph)
{
    if (!graph || !*graph) return;
    struct net_graph *g = *graph;
    for (uint32_t i = 0; i < g->node_count; i++) free(g->nodes[i].label);
    for (uint32_t i = 0; i < g->param_count; i++) {
        free(g->params[i].name);
        free(g->params[i].second_name);
    }
    free(g->nodes);
    free(g->tensors);
    free(g->params);
    free(g);
    *graph = NULL;
}

void net_poison(struct net_graph *graph, enum nephos_status status)
{
    if (graph->status == NEPHOS_OK) graph->status = status;
}

static void out_of_memory(struct net_graph *graph)
{
    net_poison(graph, base_fail(graph->log, NEPHOS_ERROR_MEMORY, "graph: out of memory"));
}

// Makes room for one more element; returns the array, NULL after a failure.
static void *grow(struct net_graph *graph, void *array, uint32_t count, uint32_t *capacity, size_t element_size)
{
    if (graph->status != NEPHOS_OK) return NULL;
    if (count < *capacity) return array;
    const uint32_t wanted = *capacity ? 2 * *capacity : 64;
    void *grown = realloc(array, wanted * element_size);
    if (grown) *capacity = wanted;
    else out_of_memory(graph);
    return grown;
}

op_id net_tensor(struct net_graph *graph, struct net_tensor tensor)
{
    struct net_tensor *tensors = grow(graph, graph->tensors, graph->tensor_count, &graph->tensor_capacity, sizeof *tensors);
    if (!tensors) return OP_NONE;
    graph->tensors = tensors;
    tensors[graph->tensor_count] = tensor;
    return graph->tensor_count++;
}

op_id net_input(struct net_graph *graph, struct op_shape shape)
{
    return net_tensor(graph, (struct net_tensor){.shape = shape, .kind = NET_INPUT, .param = UINT32_MAX, .producer = UINT32_MAX});
}

static op_id add_param(struct net_graph *graph, const char *name, const char *second_name, struct net_param declared)
{
    struct net_param *params = grow(graph, graph->params, graph->param_count, &graph->param_capacity, sizeof *params);
    if (!params) return OP_NONE;
    graph->params = params;
    struct net_param *param = &params[graph->param_count];
    *param = declared;
    param->name = strdup(name);
    param->second_name = second_name ? strdup(second_name) : NULL;
    graph->param_count++;
    if (!param->name || (second_name && !param->second_name)) out_of_memory(graph);
    return net_tensor(graph, (struct net_tensor){
                                 .shape = declared.shape, .kind = NET_PARAM, .param = graph->param_count - 1, .producer = UINT32_MAX});
}

op_id net_param(struct net_graph *graph, const char *name, struct op_shape shape, enum net_layout layout, enum net_init init)
{
    return add_param(graph, name, NULL, (struct net_param){.shape = shape, .layout = layout, .init = init});
}

op_id net_param_pair(struct net_graph *graph, const char *name, const char *second_name, uint32_t channels, enum net_init init, bool state)
{
    const struct net_param pair = {.shape = {1, 1, 2, channels}, .layout = NET_LAYOUT_PAIR, .init = init, .state = state};
    return add_param(graph, name, second_name, pair);
}

void net_scale_loss(struct net_graph *graph)
{
    const struct net_param scale = {.shape = op_scalar(), .layout = NET_LAYOUT_VECTOR, .init = NET_INIT_LOSS_SCALE, .state = true};
    const struct net_param steps = {.shape = op_scalar(), .layout = NET_LAYOUT_VECTOR, .init = NET_INIT_ZERO, .state = true};
    graph->loss_scale = add_param(graph, NET_LOSS_SCALE, NULL, scale);
    add_param(graph, NET_LOSS_SCALE_STEPS, NULL, steps);
}

struct op_shape net_shape(const struct net_graph *graph, op_id tensor)
{
    return tensor < graph->tensor_count ? graph->tensors[tensor].shape : (struct op_shape){0};
}

void net_mark_output(struct net_graph *graph, op_id tensor)
{
    if (tensor < graph->tensor_count) graph->tensors[tensor].output = true;
}

enum nephos_status net_infer(const struct net_graph *graph, const struct op *op, const char *label, const struct op_attr *attr,
                             const op_id *in, uint32_t in_count, struct op_infer *info)
{
    *info = (struct op_infer){.attr = attr, .in_count = in_count, .limits = &graph->limits, .log = graph->log, .label = label};
    for (uint32_t i = 0; i < in_count; i++) {
        info->present[i] = in[i] != OP_NONE;
        if (info->present[i]) info->in[i] = graph->tensors[in[i]].shape;
    }
    return op->infer(info);
}

enum nephos_status net_infer_node(const struct net_graph *graph, const struct net_node *node, struct op_infer *info)
{
    const enum nephos_status status = net_infer(graph, node->op, node->label, &node->attr, node->in, node->in_count, info);
    for (uint32_t i = 0; i < info->out_count; i++) info->out[i].type = net_shape(graph, node->out[i]).type;
    return status;
}

op_id net_add(struct net_graph *graph, const char *op_name, const char *label, const struct op_attr *attr, const op_id *in,
              uint32_t in_count, op_id *out)
{
    if (graph->status != NEPHOS_OK) return OP_NONE;
    static const struct op_attr no_attr;
    const struct op *op = op_find(op_name);
    if (!op || in_count > OP_MAX_INPUTS) {
        net_poison(graph,
                   base_fail(graph->log, NEPHOS_ERROR, "%s: no operator '%s' with %u inputs in this build", label, op_name, in_count));
        return OP_NONE;
    }
    struct op_infer info;
    net_poison(graph, net_infer(graph, op, label, attr ? attr : &no_attr, in, in_count, &info));
    struct net_node *nodes = grow(graph, graph->nodes, graph->node_count, &graph->node_capacity, sizeof *nodes);
    if (!nodes) return OP_NONE;
    graph->nodes = nodes;
    struct net_node *node = &nodes[graph->node_count];
    *node = (struct net_node){.op = op, .attr = *info.attr, .in_count = in_count, .out_count = info.out_count, .needs = {.workspace = info.workspace}};
    if (in_count) memcpy(node->in, in, in_count * sizeof *in);
    node->label = strdup(label);
    if (!node->label) out_of_memory(graph);
    for (uint32_t i = 0; i < info.out_count; i++) {
        info.out[i].type = GPU_FP32;
        node->out[i] = net_tensor(
            graph, (struct net_tensor){.shape = info.out[i], .kind = NET_ACTIVATION, .param = UINT32_MAX, .producer = graph->node_count});
        if (out) out[i] = node->out[i];
    }
    graph->node_count++;
    return info.out_count ? node->out[0] : OP_NONE;
}

uint64_t net_scratch(const struct net_graph *graph, const struct net_node *node, uint64_t *prepared_offset)
{
    const uint64_t alignment = graph->limits.offset_alignment > 256 ? graph->limits.offset_alignment : 256;
    *prepared_offset = (node->needs.workspace + alignment - 1) / alignment * alignment;
    return graph->training && node->needs.prepared ? *prepared_offset + node->needs.prepared : node->needs.workspace;
}
