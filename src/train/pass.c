// SPDX-License-Identifier: MIT
#include "train/pass.h"

#include <string.h>

struct running {
    const struct pass *pass;
    struct data_loader *loader;
    struct data_batch *pending[NET_SLOTS];
    uint32_t parts, part; // of a step; the next to submit
};

struct network *pass_network(const struct pass *pass, const struct data_batch *batch)
{
    return pass->tail && batch->count <= pass->tail->spec.batch ? pass->tail : pass->network;
}

static enum nephos_status submit(struct running *run, uint32_t slot, struct data_batch *batch)
{
    const struct pass *pass = run->pass;
    const struct network *network = pass_network(pass, batch);
    const struct network_spec *spec = &network->spec;
    struct net_exec *exec = network->exec;
    run->pending[slot] = batch;
    memcpy(net_exec_input(exec, slot, network->pixels), batch->pixels, (size_t)4 * spec->batch * spec->height * spec->width);
    if (network->flags != OP_NONE) memset(net_exec_input(exec, slot, network->flags), 0, (size_t)4 * spec->batch);
    if (pass->begin) pass->begin(pass->user, slot, batch);
    const uint32_t part = (run->part == 0 ? NET_FIRST : 0) | (run->part + 1 == run->parts ? NET_LAST : 0);
    run->part = (run->part + 1) % run->parts;
    return net_exec_submit_part(exec, slot, part);
}

// Waits for a slot and hands its results over, unless the pass has failed already.
static enum nephos_status finish(struct running *run, uint32_t slot, enum nephos_status so_far)
{
    struct data_batch *batch = run->pending[slot];
    if (!batch) return so_far;
    run->pending[slot] = NULL;
    enum nephos_status status = net_exec_wait(pass_network(run->pass, batch)->exec, slot);
    if (status == NEPHOS_OK && (so_far == NEPHOS_OK || so_far == NEPHOS_INTERRUPTED)) status = run->pass->end(run->pass->user, slot, batch);
    data_loader_release(run->loader, batch);
    // An interruption is followed by saving: not after a step that went wrong meanwhile.
    return so_far == NEPHOS_OK || (so_far == NEPHOS_INTERRUPTED && status != NEPHOS_OK) ? status : so_far;
}

// An interruption must not leave a step half done: its first parts have changed the running statistics.
static bool goes_on(const struct running *run, enum nephos_status status)
{
    return status == NEPHOS_INTERRUPTED && run->part != 0;
}

static enum nephos_status run_batches(struct running *run)
{
    enum nephos_status status = NEPHOS_OK;
    uint32_t slot = 0;
    while (status == NEPHOS_OK || goes_on(run, status)) {
        struct data_batch *batch;
        const enum nephos_status loaded = data_loader_next(run->loader, &batch);
        if (loaded != NEPHOS_OK) status = loaded;
        if (loaded != NEPHOS_OK || !batch) break;
        status = finish(run, slot, status);
        const enum nephos_status submitted = status == NEPHOS_OK || goes_on(run, status) ? submit(run, slot, batch) : NEPHOS_OK;
        if (submitted != NEPHOS_OK) status = submitted;
        if (run->pending[slot] != batch) data_loader_release(run->loader, batch);
        slot = (slot + 1) % NET_SLOTS;
    }
    for (uint32_t i = 0; i < NET_SLOTS; i++) status = finish(run, (slot + i) % NET_SLOTS, status);
    return status;
}

enum nephos_status pass_run(const struct pass *pass, double *wait_seconds)
{
    const struct network_spec *spec = &pass->network->spec;
    const struct data_loader_params params = {
        .set = pass->set,
        .order = pass->order,
        .order_count = pass->order_count,
        .batch = spec->batch,
        .group = pass->group,
        .height = spec->height,
        .width = spec->width,
        .threads = pass->threads,
        .labels = pass->labels,
    };
    struct running run = {.pass = pass, .parts = pass->group ? (pass->group + spec->batch - 1) / spec->batch : 1};
    net_exec_refresh(pass->network->exec);
    enum nephos_status status = data_loader_open(pass->set->log, &params, &run.loader);
    if (status != NEPHOS_OK) return status;
    status = run_batches(&run);
    if (wait_seconds) *wait_seconds = data_loader_wait_seconds(run.loader);
    data_loader_close(&run.loader);
    return status;
}
