// SPDX-License-Identifier: MIT
// What the networks of a run have taken.
#include "train/run.h"

static double mib(uint64_t bytes)
{
    return (double)bytes / 1048576;
}

// Two graphs of the same nodes, but for what is made again, which needs no scratch memory.
static void take_needs(const struct net_graph *from, struct net_graph *to)
{
    for (uint32_t n = 0, m = 0; n < to->node_count; n++) {
        if (to->nodes[n].again) continue;
        while (m < from->node_count && from->nodes[m].again) m++;
        if (m < from->node_count) to->nodes[n].needs = from->nodes[m++].needs;
    }
}

static uint64_t store_bytes(const struct net_store *store, bool trained)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < store->chunk_count; i++) {
        if (!trained || i < store->trained_chunk_count) bytes += store->chunks[i].size;
    }
    return bytes;
}

// Bytes of the training network's activations with recompute switched the other way, by the kernels that it was given; 0: unknown.
static uint64_t other_arena(const struct run *run)
{
    struct network *other = NULL;
    struct net_plan *plan = NULL;
    struct network_spec spec = run->trainer->spec;
    uint64_t size = 0;
    spec.recompute = !spec.recompute;
    if (network_build(NULL, &run->trainer->graph->limits, &spec, &other) == NEPHOS_OK) {
        take_needs(run->trainer->graph, other->graph);
        if (net_plan_create(other->graph, &plan) == NEPHOS_OK) size = plan->arena_size;
    }
    net_plan_destroy(&plan);
    network_destroy(&other);
    return size;
}

void run_fit_report(const struct run *run)
{
    const struct net_plan *train = net_exec_plan(run->trainer->exec);
    const struct network *others[] = {run->validator, run->tail};
    const uint64_t grads = store_bytes(run->store, true), values = store_bytes(run->store, false) + (run->store->average ? grads : 0);
    uint64_t beside = 0;
    for (size_t i = 0; i < ARRAY_COUNT(others); i++) beside += others[i] ? net_plan_own_size(net_exec_plan(others[i]->exec), train) : 0;
    base_info(run->log,
              "memory: %.1f MiB on the device: parameters %.1f, gradients %.1f, moments %.1f, activations %.1f (all tensors together: "
              "%.1f, alive at once: %.1f; %s recompute: %.1f), validation %.1f more; %.1f MiB are left",
              mib(values + grads * (1 + run->moments) + train->arena_size + beside), mib(values), mib(grads), mib(grads * run->moments),
              mib(train->arena_size), mib(train->sum_size), mib(train->least_size), run->recompute ? "without" : "with",
              mib(other_arena(run)), mib(beside), mib(gpu_get_limits(run->gpu)->memory_budget));
}
