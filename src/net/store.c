// SPDX-License-Identifier: MIT
// The parameter store: values, gradients and moments in equal slabs, so that the optimizer is one dispatch per chunk.
#include "net/net.h"

#include "grad_norm.h"

#include "base/rng.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint64_t align(uint64_t size, uint64_t alignment)
{
    return (size + alignment - 1) / alignment * alignment;
}

// Moments take up to two floats per parameter and must fit one binding, so a chunk of values may have half of it.
static uint64_t chunk_limit(const struct gpu_limits *limits)
{
    const uint64_t most = limits->max_binding_size < limits->max_buffer_size ? limits->max_binding_size : limits->max_buffer_size;
    return most / 2;
}

// Places the parameters of a group (state = false) or the states in chunks of their own.
static enum nephos_status place(struct net_store *store, bool state, uint32_t group)
{
    struct nephos_log *log = gpu_log(store->gpu);
    const struct gpu_limits *limits = gpu_get_limits(store->gpu);
    const uint64_t limit = chunk_limit(limits), alignment = limits->offset_alignment > 256 ? limits->offset_alignment : 256;
    bool open = false;
    for (uint32_t i = 0; i < store->param_count; i++) {
        if (store->params[i].state != state || (!state && store->params[i].group != group)) continue;
        const uint64_t size = align(op_bytes(store->params[i].shape), alignment);
        if (size > limit) {
            return base_fail(log, NEPHOS_ERROR_MEMORY, "parameter '%s' needs %.1f MiB, and this device takes at most %.1f MiB in one piece",
                             store->params[i].name, (double)size / 1048576, (double)limit / 1048576);
        }
        if (!open || store->chunks[store->chunk_count - 1].size + size > limit) {
            store->chunks[store->chunk_count++].group = group;
            open = true;
        }
        struct net_chunk *chunk = &store->chunks[store->chunk_count - 1];
        store->slots[i] = (struct net_slot){.chunk = store->chunk_count - 1, .offset = chunk->size};
        chunk->size += size;
    }
    return NEPHOS_OK;
}

static enum nephos_status copy_params(struct net_store *store, const struct net_graph *graph)
{
    for (uint32_t i = 0; i < graph->param_count; i++) {
        struct net_param *param = &store->params[i];
        *param = graph->params[i];
        param->name = strdup(graph->params[i].name);
        param->second_name = param->second_name ? strdup(param->second_name) : NULL;
        store->param_count++;
        if (!param->name || (graph->params[i].second_name && !param->second_name))
            return base_fail(gpu_log(store->gpu), NEPHOS_ERROR_MEMORY, "parameter store: out of memory");
    }
    return NEPHOS_OK;
}

static enum nephos_status create_zeroed(struct gpu *gpu, uint64_t size, const char *label, struct gpu_buffer **buffer)
{
    const enum nephos_status status = gpu_buffer_create(gpu, GPU_MEMORY_DEVICE, size, label, buffer);
    return status != NEPHOS_OK ? status : gpu_fill(gpu, (struct gpu_range){*buffer, 0, size}, 0);
}

enum nephos_status net_store_create(struct gpu *gpu, const struct net_graph *graph, struct net_store **store)
{
    enum nephos_status status = graph->status;
    if (status != NEPHOS_OK) return status;
    struct net_store *created = calloc(1, sizeof *created);
    if (!created) return base_fail(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "parameter store: out of memory");
    created->gpu = gpu;
    created->params = calloc(graph->param_count + 1, sizeof *created->params);
    created->slots = calloc(graph->param_count + 1, sizeof *created->slots);
    created->chunks = calloc(graph->param_count + 1, sizeof *created->chunks);
    if (!created->params || !created->slots || !created->chunks) FAIL(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "parameter store: out of memory");
    TRY(copy_params(created, graph));
    for (uint32_t group = 0; group < NET_GROUPS; group++)
        TRY(place(created, false, group));
    created->trained_chunk_count = created->chunk_count;
    TRY(place(created, true, 0));
    for (uint32_t i = 0; i < created->chunk_count; i++)
        TRY(create_zeroed(gpu, created->chunks[i].size, i < created->trained_chunk_count ? "parameters" : "running statistics",
                          &created->chunks[i].values));
    *store = created;
    return NEPHOS_OK;
fail:
    net_store_destroy(&created);
    return status;
}

void net_store_destroy(struct net_store **store)
{
    if (!store || !*store) return;
    struct net_store *s = *store;
    net_store_average_destroy(s);
    for (uint32_t i = 0; i < s->chunk_count; i++) {
        gpu_buffer_destroy(&s->chunks[i].values);
        gpu_buffer_destroy(&s->chunks[i].grads);
        gpu_buffer_destroy(&s->chunks[i].moments);
    }
    for (uint32_t i = 0; i < s->param_count; i++) {
        free(s->params[i].name);
        free(s->params[i].second_name);
    }
    free(s->params);
    free(s->slots);
    free(s->chunks);
    free(s);
    *store = NULL;
}

enum nephos_status net_store_train(struct net_store *store, uint32_t moments)
{
    for (uint32_t i = 0; i < store->trained_chunk_count; i++) {
        struct net_chunk *chunk = &store->chunks[i];
        enum nephos_status status = create_zeroed(store->gpu, chunk->size, "gradients", &chunk->grads);
        if (status == NEPHOS_OK && moments) status = create_zeroed(store->gpu, moments * chunk->size, "optimizer moments", &chunk->moments);
        if (status != NEPHOS_OK) return status;
    }
    store->moments = moments;
    return NEPHOS_OK;
}

// FNV-1a: a parameter's random stream depends on its name, not on its position.
static uint32_t stream_of(const char *name)
{
    uint32_t hash = 2166136261u;
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * 16777619u;
    return hash;
}

static void fill_values(const struct net_param *param, uint64_t seed, float *values)
{
    const uint64_t count = op_count(param->shape);
    const double taps = (double)param->shape.h * param->shape.w, out = param->shape.n, in = param->shape.c;
    struct base_rng rng;
    base_rng_init(&rng, seed, BASE_RNG_INIT, stream_of(param->name));
    const float deviation = (float)sqrt(2 / (out * taps));
    const float bound = (float)sqrt(6 / ((param->init == NET_INIT_XAVIER ? in + out : in) * taps));
    for (uint64_t i = 0; i < count; i++) {
        switch (param->init) {
        case NET_INIT_ZERO:
            values[i] = 0;
            break;
        case NET_INIT_KAIMING_FAN_OUT:
            values[i] = deviation * base_rng_normal(&rng);
            break;
        case NET_INIT_KAIMING_FAN_IN:
        case NET_INIT_XAVIER:
            values[i] = bound * (2 * base_rng_float(&rng) - 1);
            break;
        case NET_INIT_ONE_ZERO:
            values[i] = i < count / 2;
            break;
        case NET_INIT_ZERO_ONE:
            values[i] = i >= count / 2;
            break;
        case NET_INIT_LOSS_SCALE:
            values[i] = (float)LOSS_SCALE_START;
            break;
        }
    }
}

enum nephos_status net_store_init(struct net_store *store, uint64_t seed)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < store->param_count && status == NEPHOS_OK; i++) {
        float *values = malloc(op_bytes(store->params[i].shape));
        if (!values) return base_fail(gpu_log(store->gpu), NEPHOS_ERROR_MEMORY, "%s: out of memory", store->params[i].name);
        fill_values(&store->params[i], seed, values);
        status = gpu_upload(store->gpu, net_store_values(store, i), values);
        free(values);
    }
    return status;
}

uint32_t net_store_find(const struct net_store *store, const char *name)
{
    for (uint32_t i = 0; i < store->param_count; i++) {
        if (strcmp(store->params[i].name, name) == 0) return i;
    }
    return UINT32_MAX;
}

uint64_t net_store_parameter_count(const struct net_store *store)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < store->param_count; i++) {
        if (!store->params[i].state) count += op_count(store->params[i].shape);
    }
    return count;
}

struct gpu_range net_store_values(const struct net_store *store, uint32_t param)
{
    const struct net_slot *slot = &store->slots[param];
    return (struct gpu_range){store->chunks[slot->chunk].values, slot->offset, op_bytes(store->params[param].shape)};
}

struct gpu_range net_store_grads(const struct net_store *store, uint32_t param)
{
    const struct net_slot *slot = &store->slots[param];
    return (struct gpu_range){store->chunks[slot->chunk].grads, slot->offset, op_bytes(store->params[param].shape)};
}

struct gpu_range net_store_moments(const struct net_store *store, uint32_t param)
{
    const struct net_slot *slot = &store->slots[param];
    return (struct gpu_range){store->chunks[slot->chunk].moments, store->moments * slot->offset,
                              store->moments * op_bytes(store->params[param].shape)};
}
