// SPDX-License-Identifier: MIT
// Each chunk is one flat tensor to the operators; what lies between parameters is zero in values and gradients and stays so.
#include "net/optimize.h"

#include <stdlib.h>

struct net_optimize {
    struct gpu *gpu;
    struct net_store *store;
    struct net_optimizer optimizer;
    struct net_graph *graph; // for each chunk sum_squares and the update, then clip_scale, then each chunk's ema, if wanted
    struct gpu_buffer *norm, *partials, *workspace;
    uint64_t partials_size;                // bytes for one chunk
    uint32_t loss_scale, loss_scale_steps; // parameters of the store; UINT32_MAX: the loss is not scaled
};

static bool is_scaled(const struct net_optimize *optimize)
{
    return optimize->loss_scale != UINT32_MAX;
}

static struct op_shape flat(uint64_t bytes)
{
    return (struct op_shape){1, 1, 1, (uint32_t)(bytes / 4)};
}

static struct op_tensor chunk_tensor(struct gpu_buffer *buffer, uint64_t size)
{
    return (struct op_tensor){flat(size), {buffer, 0, size}};
}

struct gpu_range net_optimize_norm(const struct net_optimize *optimize)
{
    return (struct gpu_range){optimize->norm, 0, NET_NORM_SIZE};
}

static const struct net_node *sum_node(const struct net_optimize *o, uint32_t chunk)
{
    return &o->graph->nodes[2 * chunk];
}

static const struct net_node *update_node(const struct net_optimize *o, uint32_t chunk)
{
    return &o->graph->nodes[2 * chunk + 1];
}

static const struct net_node *clip_node(const struct net_optimize *o)
{
    return &o->graph->nodes[2 * o->store->trained_chunk_count];
}

// NULL where no average is wanted.
static const struct net_node *ema_node(const struct net_optimize *o, uint32_t chunk)
{
    return o->optimizer.average_decay > 0 ? &o->graph->nodes[2 * o->store->trained_chunk_count + 1 + chunk] : NULL;
}

static void add_ema(struct net_optimize *o, const struct net_chunk *chunk)
{
    const op_id average = net_input(o->graph, flat(chunk->size)), values = net_input(o->graph, flat(chunk->size));
    net_add(o->graph, "ema", "ema", &(struct op_attr){.alpha = o->optimizer.average_decay}, (op_id[]){average, values}, 2, NULL);
}

static void add_chunk(struct net_optimize *o, const struct net_chunk *chunk)
{
    const op_id values = net_input(o->graph, flat(chunk->size)), grads = net_input(o->graph, flat(chunk->size));
    const op_id moments = net_input(o->graph, flat(o->store->moments * chunk->size)), norm = net_input(o->graph, flat(NET_NORM_SIZE));
    const op_id partials = net_add(o->graph, "sum_squares", "sum_squares", NULL, &grads, 1, NULL);
    struct op_attr attr = o->optimizer.attr;
    attr.lr_factor = o->optimizer.groups[chunk->group].lr_factor;
    if (o->optimizer.groups[chunk->group].no_decay) attr.weight_decay = 0;
    net_add(o->graph, o->optimizer.op, o->optimizer.op, &attr, (op_id[]){values, grads, moments, norm}, 4, NULL);
    const uint64_t size = (op_bytes(net_shape(o->graph, partials)) + 255) / 256 * 256; // so that every chunk's start is aligned
    if (size > o->partials_size) o->partials_size = size;
}

static enum nephos_status create_graph(struct net_optimize *o)
{
    const uint32_t chunks = o->store->trained_chunk_count;
    const enum nephos_status status = net_graph_create(gpu_log(o->gpu), gpu_get_limits(o->gpu), true, &o->graph);
    if (status != NEPHOS_OK) return status;
    for (uint32_t i = 0; i < chunks; i++)
        add_chunk(o, &o->store->chunks[i]);
    const op_id partials = net_input(o->graph, flat(o->partials_size * chunks));
    const op_id scale = net_input(o->graph, op_scalar()), steps = net_input(o->graph, op_scalar());
    net_add(o->graph, "clip_scale", "clip_scale", &o->optimizer.attr, (op_id[]){partials, scale, steps}, is_scaled(o) ? 3 : 1, NULL);
    for (uint32_t i = 0; o->optimizer.average_decay > 0 && i < chunks; i++)
        add_ema(o, &o->store->chunks[i]);
    return net_tune(o->gpu, o->graph);
}

static enum nephos_status create_buffers(struct net_optimize *o)
{
    const uint64_t partials = o->partials_size * o->store->trained_chunk_count;
    uint64_t workspace = 0;
    for (uint32_t n = 0; n < o->graph->node_count; n++) {
        const uint64_t needed = o->graph->nodes[n].needs.workspace;
        if (needed > workspace) workspace = needed;
    }
    enum nephos_status status;
    TRY(gpu_buffer_create(o->gpu, GPU_MEMORY_DEVICE, NET_NORM_SIZE, "gradient norm", &o->norm));
    TRY(gpu_buffer_create(o->gpu, GPU_MEMORY_DEVICE, partials, "gradient norm", &o->partials));
    TRY(gpu_fill(o->gpu, (struct gpu_range){o->partials, 0, partials}, 0));
    if (workspace) TRY(gpu_buffer_create(o->gpu, GPU_MEMORY_DEVICE, workspace, "optimizer workspace", &o->workspace));
    return NEPHOS_OK;
fail:
    return status;
}

enum nephos_status net_optimize_create(struct gpu *gpu, struct net_store *store, const struct net_optimizer *optimizer,
                                       struct net_optimize **optimize)
{
    enum nephos_status status;
    struct net_optimize *created = calloc(1, sizeof *created);
    if (!created) return base_fail(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "optimizer: out of memory");
    created->gpu = gpu;
    created->store = store;
    created->optimizer = *optimizer;
    created->optimizer.attr.alpha = optimizer->clip_norm; // what clip_scale reads
    created->loss_scale = net_store_find(store, NET_LOSS_SCALE);
    created->loss_scale_steps = net_store_find(store, NET_LOSS_SCALE_STEPS);
    if (!op_find(optimizer->op)) FAIL(gpu_log(gpu), NEPHOS_ERROR_ARGUMENT, "no optimizer '%s' in this build", optimizer->op);
    if (optimizer->average_decay > 0 && !store->average)
        FAIL(gpu_log(gpu), NEPHOS_ERROR_ARGUMENT, "the optimizer averages parameters, but the store has no room for the average");
    TRY(create_graph(created));
    TRY(create_buffers(created));
    *optimize = created;
    return NEPHOS_OK;
fail:
    net_optimize_destroy(&created);
    return status;
}

void net_optimize_destroy(struct net_optimize **optimize)
{
    if (!optimize || !*optimize) return;
    gpu_buffer_destroy(&(*optimize)->norm);
    gpu_buffer_destroy(&(*optimize)->partials);
    gpu_buffer_destroy(&(*optimize)->workspace);
    net_graph_destroy(&(*optimize)->graph);
    free(*optimize);
    *optimize = NULL;
}

static void record(struct net_optimize *o, const struct net_node *node, struct gpu_stream *stream, struct gpu_range step,
                   struct op_call call)
{
    call.label = node->label;
    call.attr = &node->attr;
    call.in_count = node->in_count;
    call.out_count = node->out_count;
    call.step = step;
    call.gpu = o->gpu;
    if (o->workspace) call.workspace = (struct gpu_range){o->workspace, 0, gpu_buffer_size(o->workspace)};
    op_record(stream, node->op, node->variant, false, &call);
}

static struct op_tensor scalar_state(const struct net_optimize *o, uint32_t param)
{
    return is_scaled(o) ? (struct op_tensor){op_scalar(), net_store_values(o->store, param)} : (struct op_tensor){0};
}

static void record_ema(struct net_optimize *o, uint32_t i, struct gpu_stream *stream, struct gpu_range step)
{
    const struct net_chunk *chunk = &o->store->chunks[i];
    const struct op_tensor average = chunk_tensor(o->store->average->chunks[i].values, chunk->size);
    record(o, ema_node(o, i), stream, step, (struct op_call){.in = {average, chunk_tensor(chunk->values, chunk->size)}});
}

void net_optimize_record(struct net_optimize *o, struct gpu_stream *stream, struct gpu_range step)
{
    const struct net_store *store = o->store;
    const struct op_tensor norm = chunk_tensor(o->norm, NET_NORM_SIZE);
    for (uint32_t i = 0; i < store->trained_chunk_count; i++) {
        const struct net_chunk *chunk = &store->chunks[i];
        const struct op_shape shape = net_shape(o->graph, sum_node(o, i)->out[0]);
        const struct gpu_range partials = {o->partials, i * o->partials_size, op_bytes(shape)};
        record(o, sum_node(o, i), stream, step,
               (struct op_call){.in = {chunk_tensor(chunk->grads, chunk->size)}, .out = {{shape, partials}}});
    }
    record(o, clip_node(o), stream, step,
           (struct op_call){.in = {chunk_tensor(o->partials, o->partials_size * store->trained_chunk_count), scalar_state(o, o->loss_scale),
                                   scalar_state(o, o->loss_scale_steps)},
                            .out = {norm}});
    for (uint32_t i = 0; i < store->trained_chunk_count; i++) {
        const struct net_chunk *chunk = &store->chunks[i];
        record(o, update_node(o, i), stream, step,
               (struct op_call){.in = {chunk_tensor(chunk->values, chunk->size), chunk_tensor(chunk->grads, chunk->size),
                                       chunk_tensor(chunk->moments, store->moments * chunk->size), norm}});
        if (ema_node(o, i)) record_ema(o, i, stream, step);
    }
}
