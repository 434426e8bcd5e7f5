// SPDX-License-Identifier: MIT
// Records a planned graph once and replays it. The host talks to the device through staging slots: a run is three submissions,
// upload of the slot's inputs and step values, the recorded nodes, readback of the outputs into the slot.
#include "net/net.h"

#include "net/optimize.h"

#include <stdlib.h>
#include <string.h>

struct staging {
    struct gpu_buffer *upload, *readback;
    struct gpu_stream *in, *out;
    uint64_t ticket;
    bool submitted;
};
struct net_exec {
    struct gpu *gpu;
    const struct net_graph *graph;
    struct net_store *store;
    struct net_plan *plan;
    struct gpu_buffer **blocks;
    bool *lent; // [blocks] by another exec
    struct gpu_buffer *step;    // step values, a uniform buffer of the kernels
    struct net_optimize *optimize;
    struct gpu_stream *nodes;
    struct gpu_stream *clear, *update; // of a graph that adds: zero gradients; optimizer
    struct gpu_buffer **prepared; // [nodes] of variants, where parameters stay as they are from run to run
    struct gpu_buffer **constants; // [tensors] NET_CONSTANT
    struct gpu_stream *prepare;   // writes both
    bool prepares, stale; // whether any does; whether it is due
    struct staging slots[NET_SLOTS];
    uint32_t *store_index;      // [graph params] index in the store
    uint64_t *staging_offset;   // [tensors] of inputs and outputs inside the slot's buffers
    uint64_t upload_size, readback_size, step_offset, norm_offset;
};

static uint64_t align256(uint64_t size)
{
    return (size + 255) / 256 * 256;
}

const struct net_plan *net_exec_plan(const struct net_exec *exec)
{
    return exec->plan;
}

static struct gpu_range place_range(const struct net_exec *exec, struct net_place place)
{
    return place.block == UINT32_MAX ? (struct gpu_range){0} : (struct gpu_range){exec->blocks[place.block], place.offset, place.size};
}

static struct gpu_range tensor_range(const struct net_exec *exec, op_id id)
{
    const struct net_tensor *tensor = &exec->graph->tensors[id];
    switch (tensor->kind) {
    case NET_PARAM: return net_store_values(exec->store, exec->store_index[tensor->param]);
    case NET_GRAD: return net_store_grads(exec->store, exec->store_index[tensor->param]);
    case NET_CONSTANT: return (struct gpu_range){exec->constants[id], 0, op_bytes(tensor->shape)};
    default: return place_range(exec, exec->plan->tensors[id]);
    }
}

static struct gpu_range step_range(const struct net_exec *exec)
{
    return (struct gpu_range){exec->step, 0, sizeof(struct step_values)};
}

static enum nephos_status match_params(struct net_exec *exec)
{
    for (uint32_t i = 0; i < exec->graph->param_count; i++) {
        const struct net_param *wanted = &exec->graph->params[i];
        const uint32_t index = net_store_find(exec->store, wanted->name);
        if (index == UINT32_MAX || !op_shape_equal(exec->store->params[index].shape, wanted->shape))
            return base_fail(gpu_log(exec->gpu), NEPHOS_ERROR, "parameter '%s' of the graph is not in the store with that shape",
                             wanted->name);
        exec->store_index[i] = index;
    }
    return NEPHOS_OK;
}

static enum nephos_status create_blocks(struct net_exec *exec, const struct net_exec *lender)
{
    for (uint32_t b = 0; b < exec->plan->block_count; b++) {
        exec->lent[b] = net_plan_borrows(exec->plan, lender ? lender->plan : NULL, b);
        if (exec->lent[b]) exec->blocks[b] = lender->blocks[b];
        if (exec->lent[b]) continue;
        const enum nephos_status status =
            gpu_buffer_create(exec->gpu, GPU_MEMORY_DEVICE, exec->plan->block_sizes[b], "activations", &exec->blocks[b]);
        if (status != NEPHOS_OK) return status;
    }
    return gpu_buffer_create(exec->gpu, GPU_MEMORY_DEVICE, sizeof(struct step_values), "step values", &exec->step);
}

static struct op_tensor operand(const struct net_exec *exec, op_id id)
{
    if (id == OP_NONE) return (struct op_tensor){0};
    return op_tensor_at(net_shape(exec->graph, id), tensor_range(exec, id));
}

// Where a node has its workspace and what it prepares.
static void place_scratch(const struct net_exec *exec, uint32_t index, struct op_call *call)
{
    const struct net_node *node = &exec->graph->nodes[index];
    const struct gpu_range scratch = place_range(exec, exec->plan->workspaces[index]);
    uint64_t prepared_offset;
    net_scratch(exec->graph, node, &prepared_offset);
    if (node->needs.workspace) call->workspace = op_slice(scratch, 0, node->needs.workspace);
    if (exec->prepared[index]) call->prepared = (struct gpu_range){exec->prepared[index], 0, node->needs.prepared};
    else if (node->needs.prepared) call->prepared = op_slice(scratch, prepared_offset, node->needs.prepared);
}

static struct op_call make_call(const struct net_exec *exec, uint32_t index)
{
    const struct net_node *node = &exec->graph->nodes[index];
    struct op_call call = {
        .label = node->label,
        .attr = &node->attr,
        .in_count = node->in_count,
        .out_count = node->out_count,
        .accumulate = node->accumulate,
        .step = step_range(exec),
        .gpu = exec->gpu,
    };
    place_scratch(exec, index, &call);
    for (uint32_t i = 0; i < node->in_count; i++) call.in[i] = operand(exec, node->in[i]);
    for (uint32_t i = 0; i < node->out_count; i++) call.out[i] = operand(exec, node->out[i]);
    return call;
}

static bool is_constant(const struct net_graph *graph, const struct net_node *node)
{
    return node->out_count && graph->tensors[node->out[0]].kind == NET_CONSTANT;
}

static void record_node(struct net_exec *exec, uint32_t index)
{
    const struct net_node *node = &exec->graph->nodes[index];
    if (is_constant(exec->graph, node)) return; // record_prepare has it
    const struct op_call call = make_call(exec, index);
    op_record(exec->nodes, node->op, node->variant, exec->graph->training, &call);
}

// Where parameters don't change from run to run, what variants make of them is kept.
static enum nephos_status create_prepared(struct net_exec *exec)
{
    enum nephos_status status = NEPHOS_OK;
    if (exec->graph->training) return NEPHOS_OK;
    for (uint32_t n = 0; n < exec->graph->node_count; n++) {
        const uint64_t size = exec->graph->nodes[n].needs.prepared;
        if (size) TRY(gpu_buffer_create(exec->gpu, GPU_MEMORY_DEVICE, size, exec->graph->nodes[n].label, &exec->prepared[n]));
    }
fail:
    return status;
}

static enum nephos_status create_constants(struct net_exec *exec)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t t = 0; t < exec->graph->tensor_count; t++) {
        const struct net_tensor *tensor = &exec->graph->tensors[t];
        if (tensor->kind != NET_CONSTANT || tensor->producer == UINT32_MAX) continue;
        TRY(gpu_buffer_create(exec->gpu, GPU_MEMORY_DEVICE, op_bytes(tensor->shape), "constants", &exec->constants[t]));
    }
fail:
    return status;
}

// What depends on parameters only, in the order of the nodes: some variants prepare what constant nodes have made.
static enum nephos_status record_prepare(struct net_exec *exec)
{
    enum nephos_status status = gpu_stream_create(exec->gpu, "prepare", &exec->prepare);
    if (status != NEPHOS_OK) return status;
    for (uint32_t n = 0; n < exec->graph->node_count; n++) {
        const struct net_node *node = &exec->graph->nodes[n];
        const bool constant = is_constant(exec->graph, node), prepares = exec->prepared[n] && node->variant && node->variant->prepare;
        if (!constant && !prepares) continue;
        const struct op_call call = make_call(exec, n);
        if (constant) op_record(exec->prepare, node->op, node->variant, prepares, &call);
        else node->variant->prepare(exec->prepare, &call);
        exec->prepares = exec->stale = true;
    }
    return gpu_stream_finish(exec->prepare);
}

void net_exec_refresh(struct net_exec *exec)
{
    exec->stale = exec->prepares;
}

static enum nephos_status record_nodes(struct net_exec *exec, const char *label)
{
    enum nephos_status status = gpu_stream_create(exec->gpu, label, &exec->nodes);
    if (status != NEPHOS_OK) return status;
    for (uint32_t n = 0; n < exec->graph->node_count; n++) record_node(exec, n);
    if (exec->optimize && !exec->graph->adds) net_optimize_record(exec->optimize, exec->nodes, step_range(exec));
    return gpu_stream_finish(exec->nodes);
}

// What stands around the parts of a step.
static enum nephos_status record_parts(struct net_exec *exec)
{
    enum nephos_status status = NEPHOS_OK;
    if (!exec->graph->adds) return NEPHOS_OK;
    TRY(gpu_stream_create(exec->gpu, "clear gradients", &exec->clear));
    for (uint32_t i = 0; i < exec->store->trained_chunk_count; i++) {
        const struct net_chunk *chunk = &exec->store->chunks[i];
        gpu_stream_fill(exec->clear, (struct gpu_range){chunk->grads, 0, chunk->size}, 0);
    }
    TRY(gpu_stream_finish(exec->clear));
    if (!exec->optimize) return NEPHOS_OK;
    TRY(gpu_stream_create(exec->gpu, "optimizer", &exec->update));
    net_optimize_record(exec->optimize, exec->update, step_range(exec));
    TRY(gpu_stream_finish(exec->update));
fail:
    return status;
}

static void lay_out_staging(struct net_exec *exec)
{
    for (uint32_t t = 0; t < exec->graph->tensor_count; t++) {
        const struct net_tensor *tensor = &exec->graph->tensors[t];
        uint64_t *size = tensor->kind == NET_INPUT ? &exec->upload_size : &exec->readback_size;
        if (tensor->kind != NET_INPUT && !tensor->output) continue;
        exec->staging_offset[t] = *size;
        *size += align256(op_bytes(tensor->shape));
    }
    exec->step_offset = exec->upload_size;
    exec->upload_size += align256(sizeof(struct step_values));
    exec->norm_offset = exec->readback_size;
    exec->readback_size += align256(NET_NORM_SIZE);
}

static struct gpu_range staging_range(const struct net_exec *exec, struct gpu_buffer *buffer, op_id id)
{
    return (struct gpu_range){buffer, exec->staging_offset[id], op_bytes(net_shape(exec->graph, id))};
}

static enum nephos_status record_slot(struct net_exec *exec, struct staging *slot)
{
    enum nephos_status status;
    TRY(gpu_buffer_create(exec->gpu, GPU_MEMORY_UPLOAD, exec->upload_size, "input staging", &slot->upload));
    TRY(gpu_buffer_create(exec->gpu, GPU_MEMORY_READBACK, exec->readback_size, "output staging", &slot->readback));
    memset(gpu_buffer_map(slot->upload), 0, exec->upload_size);
    TRY(gpu_stream_create(exec->gpu, "upload", &slot->in));
    TRY(gpu_stream_create(exec->gpu, "readback", &slot->out));
    for (uint32_t t = 0; t < exec->graph->tensor_count; t++) {
        const struct net_tensor *tensor = &exec->graph->tensors[t];
        if (tensor->kind == NET_INPUT) gpu_stream_copy(slot->in, tensor_range(exec, t), staging_range(exec, slot->upload, t));
        else if (tensor->output) gpu_stream_copy(slot->out, staging_range(exec, slot->readback, t), tensor_range(exec, t));
    }
    gpu_stream_copy(slot->in, step_range(exec), (struct gpu_range){slot->upload, exec->step_offset, sizeof(struct step_values)});
    if (exec->optimize)
        gpu_stream_copy(slot->out, (struct gpu_range){slot->readback, exec->norm_offset, NET_NORM_SIZE}, net_optimize_norm(exec->optimize));
    TRY(gpu_stream_finish(slot->in));
    TRY(gpu_stream_finish(slot->out));
    return NEPHOS_OK;
fail:
    return status;
}

enum nephos_status net_exec_create(struct gpu *gpu, const struct net_graph *graph, struct net_store *store,
                                   const struct net_optimizer *optimizer, const char *label, struct net_exec **exec)
{
    return net_exec_create_beside(gpu, graph, store, optimizer, NULL, label, exec);
}

enum nephos_status net_exec_create_beside(struct gpu *gpu, const struct net_graph *graph, struct net_store *store,
                                          const struct net_optimizer *optimizer, const struct net_exec *lender, const char *label,
                                          struct net_exec **exec)
{
    enum nephos_status status;
    struct net_exec *created = calloc(1, sizeof *created);
    if (!created) return base_fail(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "%s: out of memory", label);
    created->gpu = gpu;
    created->graph = graph;
    created->store = store;
    TRY(net_plan_create(graph, &created->plan));
    created->blocks = calloc(created->plan->block_count + 1, sizeof(struct gpu_buffer *));
    created->lent = calloc(created->plan->block_count + 1, sizeof *created->lent);
    created->store_index = calloc(graph->param_count + 1, sizeof *created->store_index);
    created->staging_offset = calloc(graph->tensor_count + 1, sizeof *created->staging_offset);
    created->prepared = calloc(graph->node_count + 1, sizeof *created->prepared);
    created->constants = calloc(graph->tensor_count + 1, sizeof *created->constants);
    if (!created->constants || !created->prepared || !created->blocks || !created->lent || !created->store_index || !created->staging_offset)
        FAIL(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "%s: out of memory", label);
    TRY(match_params(created));
    TRY(create_blocks(created, lender));
    TRY(create_prepared(created));
    TRY(create_constants(created));
    if (optimizer) TRY(net_optimize_create(gpu, store, optimizer, &created->optimize));
    TRY(record_prepare(created));
    TRY(record_nodes(created, label));
    TRY(record_parts(created));
    lay_out_staging(created);
    for (uint32_t i = 0; i < NET_SLOTS; i++) TRY(record_slot(created, &created->slots[i]));
    *exec = created;
    return NEPHOS_OK;
fail:
    net_exec_destroy(&created);
    return status;
}

void net_exec_destroy(struct net_exec **exec)
{
    if (!exec || !*exec) return;
    struct net_exec *e = *exec;
    for (uint32_t i = 0; i < NET_SLOTS; i++) {
        if (e->slots[i].submitted) gpu_wait(e->gpu, e->slots[i].ticket);
        gpu_stream_destroy(&e->slots[i].in);
        gpu_stream_destroy(&e->slots[i].out);
        gpu_buffer_destroy(&e->slots[i].upload);
        gpu_buffer_destroy(&e->slots[i].readback);
    }
    gpu_stream_destroy(&e->nodes);
    gpu_stream_destroy(&e->clear);
    gpu_stream_destroy(&e->update);
    gpu_stream_destroy(&e->prepare);
    for (uint32_t n = 0; e->prepared && n < e->graph->node_count; n++) gpu_buffer_destroy(&e->prepared[n]);
    for (uint32_t t = 0; e->constants && t < e->graph->tensor_count; t++) gpu_buffer_destroy(&e->constants[t]);
    net_optimize_destroy(&e->optimize);
    for (uint32_t b = 0; e->blocks && e->lent && b < e->plan->block_count; b++) {
        if (!e->lent[b]) gpu_buffer_destroy(&e->blocks[b]);
    }
    gpu_buffer_destroy(&e->step);
    net_plan_destroy(&e->plan);
    free(e->blocks);
    free(e->lent);
    free(e->prepared);
    free(e->constants);
    free(e->store_index);
    free(e->staging_offset);
    free(e);
    *exec = NULL;
}

void *net_exec_input(struct net_exec *exec, uint32_t slot, op_id input)
{
    return (char *)gpu_buffer_map(exec->slots[slot].upload) + exec->staging_offset[input];
}

struct step_values *net_exec_step(struct net_exec *exec, uint32_t slot)
{
    return (void *)((char *)gpu_buffer_map(exec->slots[slot].upload) + exec->step_offset);
}

enum nephos_status net_exec_submit(struct net_exec *exec, uint32_t slot)
{
    return net_exec_submit_part(exec, slot, NET_FIRST | NET_LAST);
}

enum nephos_status net_exec_submit_part(struct net_exec *exec, uint32_t slot, uint32_t part)
{
    struct staging *staging = &exec->slots[slot];
    enum nephos_status status;
    TRY(gpu_stream_submit(staging->in, NULL));
    if (exec->stale) TRY(gpu_stream_submit(exec->prepare, NULL));
    exec->stale = false;
    if (exec->clear && part & NET_FIRST) TRY(gpu_stream_submit(exec->clear, NULL));
    TRY(gpu_stream_submit(exec->nodes, NULL));
    if (exec->update && part & NET_LAST) TRY(gpu_stream_submit(exec->update, NULL));
    TRY(gpu_stream_submit(staging->out, &staging->ticket));
    staging->submitted = true;
    return NEPHOS_OK;
fail:
    return status;
}

enum nephos_status net_exec_wait(struct net_exec *exec, uint32_t slot)
{
    struct staging *staging = &exec->slots[slot];
    if (!staging->submitted) return NEPHOS_OK;
    staging->submitted = false;
    return gpu_wait(exec->gpu, staging->ticket);
}

const void *net_exec_output(struct net_exec *exec, uint32_t slot, op_id output)
{
    return (const char *)gpu_buffer_map(exec->slots[slot].readback) + exec->staging_offset[output];
}

const float *net_exec_grad_norm(struct net_exec *exec, uint32_t slot)
{
    return (const void *)((const char *)gpu_buffer_map(exec->slots[slot].readback) + exec->norm_offset);
}
