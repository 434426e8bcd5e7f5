// SPDX-License-Identifier: MIT
// A store beside another: the same parameters with values of their own, the same running statistics.
#include "net/net.h"

#include <stdlib.h>
#include <string.h>

static enum nephos_status create_values(struct net_store *average)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < average->trained_chunk_count; i++) {
        struct net_chunk *chunk = &average->chunks[i];
        chunk->values = chunk->grads = chunk->moments = NULL;
    }
    for (uint32_t i = 0; i < average->trained_chunk_count; i++) {
        struct net_chunk *chunk = &average->chunks[i];
        TRY(gpu_buffer_create(average->gpu, GPU_MEMORY_DEVICE, chunk->size, "average of parameters", &chunk->values));
    }
fail:
    return status;
}

enum nephos_status net_store_average(struct net_store *store)
{
    enum nephos_status status;
    struct net_store *average = malloc(sizeof *average);
    struct net_chunk *chunks = malloc((store->chunk_count + 1) * sizeof *chunks);
    if (!average || !chunks) {
        free(average);
        free(chunks);
        return base_fail(gpu_log(store->gpu), NEPHOS_ERROR_MEMORY, "average of parameters: out of memory");
    }
    memcpy(chunks, store->chunks, store->chunk_count * sizeof *chunks);
    *average = *store;
    average->average = NULL;
    average->chunks = chunks;
    average->moments = 0;
    store->average = average;
    TRY(create_values(average));
    TRY(net_store_average_start(store));
fail:
    return status;
}

static enum nephos_status copy_chunk(struct gpu *gpu, const struct net_chunk *from, const struct net_chunk *to)
{
    enum nephos_status status;
    void *values = malloc(from->size);
    if (!values) return base_fail(gpu_log(gpu), NEPHOS_ERROR_MEMORY, "average of parameters: out of memory");
    TRY(gpu_download(gpu, (struct gpu_range){from->values, 0, from->size}, values));
    TRY(gpu_upload(gpu, (struct gpu_range){to->values, 0, to->size}, values));
fail:
    free(values);
    return status;
}

enum nephos_status net_store_average_start(struct net_store *store)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < store->trained_chunk_count && status == NEPHOS_OK; i++)
        status = copy_chunk(store->gpu, &store->chunks[i], &store->average->chunks[i]);
    return status;
}

void net_store_average_destroy(struct net_store *store)
{
    struct net_store *average = store->average;
    if (!average) return;
    for (uint32_t i = 0; i < average->trained_chunk_count; i++)
        gpu_buffer_destroy(&average->chunks[i].values);
    free(average->chunks);
    free(average);
    store->average = NULL;
}
