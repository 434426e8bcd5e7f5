// SPDX-License-Identifier: MIT
// Each chunk is one flat tensor to the operators; what lies between parameters is zero in values and gradients and stays so.
#include "net/optimize.h"

#include <stdlib.h>

struct net_optimize {
    struct gpu *gpu;
    struct net_store *store;
    struct net_optimizer optimizer;
    const struct op *update, *sum_squares, *clip_scale;
    struct gpu_buffer *norm, *partials, *workspace;
    uint64_t partials_size; // bytes for one chunk
    struct op_shape partials_shape;
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

// Infers one operator; grows the shared workspace's size.
static enum nephos_status infer(const struct net_optimize *o, const struct op *op, struct op_infer *info, uint64_t *workspace)
{
    info->attr = &o->optimizer.attr;
    info->limits = gpu_get_limits(o->gpu);
    info->log = gpu_log(o->gpu);
    info->label = op->name;
    for (uint32_t i = 0; i < info->in_count; i++) info->present[i] = true;
    const enum nephos_status status = op->infer(info);
    if (info->workspace > *workspace) *workspace = info->workspace;
    return status;
}

static enum nephos_status infer_all(struct net_optimize *o, uint64_t *workspace)
{
    const struct net_store *store = o->store;
    uint64_t stride = 0; // partial sums per chunk, in floats, so that every chunk's start is aligned
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < store->trained_chunk_count && status == NEPHOS_OK; i++) {
        const struct op_shape chunk = flat(store->chunks[i].size), moments = flat(store->moments * store->chunks[i].size);
        struct op_infer sum = {.in = {chunk}, .in_count = 1};
        status = infer(o, o->sum_squares, &sum, workspace);
        o->partials_shape = sum.out[0];
        if (op_bytes(sum.out[0]) > stride) stride = op_bytes(sum.out[0]);
        struct op_infer update = {.in = {chunk, chunk, moments, flat(NET_NORM_SIZE)}, .in_count = 4};
        if (status == NEPHOS_OK) status = infer(o, o->update, &update, workspace);
    }
    o->partials_size = (stride + 255) / 256 * 256;
    struct op_infer clip = {.in = {flat(o->partials_size * store->trained_chunk_count), op_scalar(), op_scalar()},
                            .in_count = is_scaled(o) ? 3 : 1};
    return status != NEPHOS_OK ? status : infer(o, o->clip_scale, &clip, workspace);
}

static enum nephos_status create_buffers(struct net_optimize *o, uint64_t workspace)
{
    const uint64_t partials = o->partials_size * o->store->trained_chunk_count;
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
    uint64_t workspace = 0;
    struct net_optimize *created = calloc(1, sizeof *created);
    if (!created) return base_fail(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "optimizer: out of memory");
    created->gpu = gpu;
    created->store = store;
    created->optimizer = *optimizer;
    created->optimizer.attr.alpha = optimizer->clip_norm; // what clip_scale reads
    created->loss_scale = net_store_find(store, NET_LOSS_SCALE);
    created->loss_scale_steps = net_store_find(store, NET_LOSS_SCALE_STEPS);
    created->update = op_find(optimizer->op);
    created->sum_squares = op_find("sum_squares");
    created->clip_scale = op_find("clip_scale");
    if (!created->update || !created->sum_squares || !created->clip_scale)
        FAIL(gpu_log(gpu), NEPHOS_ERROR_ARGUMENT, "no optimizer '%s' in this build", optimizer->op);
    TRY(infer_all(created, &workspace));
    TRY(create_buffers(created, workspace));
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
    free(*optimize);
    *optimize = NULL;
}

static void record(struct net_optimize *o, const struct op *op, struct gpu_stream *stream, struct gpu_range step, struct op_call call)
{
    call.label = op->name;
    call.attr = &o->optimizer.attr;
    call.step = step;
    call.gpu = o->gpu;
    if (o->workspace) call.workspace = (struct gpu_range){o->workspace, 0, gpu_buffer_size(o->workspace)};
    op->record(stream, &call);
}

static struct op_tensor scalar_state(const struct net_optimize *o, uint32_t param)
{
    return is_scaled(o) ? (struct op_tensor){op_scalar(), net_store_values(o->store, param)} : (struct op_tensor){0};
}

void net_optimize_record(struct net_optimize *o, struct gpu_stream *stream, struct gpu_range step)
{
    const struct net_store *store = o->store;
    const struct op_tensor norm = chunk_tensor(o->norm, NET_NORM_SIZE);
    for (uint32_t i = 0; i < store->trained_chunk_count; i++) {
        const struct net_chunk *chunk = &store->chunks[i];
        const struct gpu_range partials = {o->partials, i * o->partials_size, op_bytes(o->partials_shape)};
        record(o, o->sum_squares, stream, step,
               (struct op_call){
                   .in = {chunk_tensor(chunk->grads, chunk->size)}, .in_count = 1, .out = {{o->partials_shape, partials}}, .out_count = 1});
    }
    record(o, o->clip_scale, stream, step,
           (struct op_call){.in = {chunk_tensor(o->partials, o->partials_size * store->trained_chunk_count),
                                   scalar_state(o, o->loss_scale), scalar_state(o, o->loss_scale_steps)},
                            .in_count = is_scaled(o) ? 3 : 1,
                            .out = {norm},
                            .out_count = 1});
    for (uint32_t i = 0; i < store->trained_chunk_count; i++) {
        const struct net_chunk *chunk = &store->chunks[i];
        record(o, o->update, stream, step,
               (struct op_call){.in = {chunk_tensor(chunk->values, chunk->size), chunk_tensor(chunk->grads, chunk->size),
                                       chunk_tensor(chunk->moments, store->moments * chunk->size), norm},
                                .in_count = 4});
    }
}
