// SPDX-License-Identifier: MIT
// Does it fit? Asked of the plan before any memory is taken.
#include "train/run.h"

#include <stdio.h>

struct need { // bytes
    uint64_t parameters, train, validate;
};

static uint64_t parameter_bytes(const struct run *run, const struct net_graph *graph)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < graph->param_count; i++) {
        // values, gradients, moments; running statistics have values only
        bytes += op_bytes(graph->params[i].shape) * (graph->params[i].state ? 1 : 2 + run->moments);
    }
    return bytes;
}

static enum nephos_status plan_one(const struct run *run, struct nephos_log *log, enum network_purpose purpose, uint32_t batch,
                                   uint64_t *arena, uint64_t *parameters)
{
    const struct network_spec spec = run_spec(run, purpose, batch);
    struct network *network = NULL;
    struct net_plan *plan = NULL;
    enum nephos_status status;
    TRY(network_build(log, gpu_get_limits(run->gpu), &spec, &network));
    TRY(net_plan_create(network->graph, &plan));
    *arena = plan->arena_size;
    *parameters = parameter_bytes(run, network->graph);
fail:
    net_plan_destroy(&plan);
    network_destroy(&network);
    return status;
}

static enum nephos_status plan_both(const struct run *run, struct nephos_log *log, uint32_t batch, struct need *need)
{
    enum nephos_status status;
    TRY(plan_one(run, log, NETWORK_VALIDATE, batch, &need->validate, &need->parameters));
    TRY(plan_one(run, log, NETWORK_TRAIN, batch, &need->train, &need->parameters));
fail:
    return status;
}

static uint64_t total(const struct need *need)
{
    return need->parameters + need->train + need->validate;
}

static bool fits(const struct run *run, uint32_t batch, uint64_t budget)
{
    struct need need;
    // Silent: a batch that can't be bound is simply none that fits.
    return plan_both(run, NULL, batch, &need) == NEPHOS_OK && total(&need) <= budget;
}

// The largest batch below `batch` that fits, 0 if none does.
static uint32_t largest_fitting(const struct run *run, uint32_t batch, uint64_t budget)
{
    uint32_t low = 0, high = batch;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (fits(run, middle, budget)) low = middle;
        else high = middle;
    }
    return low;
}

static enum nephos_status refuse(const struct run *run, const char *why, uint64_t budget)
{
    const uint32_t batch = run->settings.batch, fitting = largest_fitting(run, batch, budget);
    if (fitting)
        return base_fail(run->log, NEPHOS_ERROR_MEMORY, "batch %u at %ux%u does not fit this device (%s); --batch %u would", batch,
                         run->settings.height, run->settings.width, why, fitting);
    return base_fail(run->log, NEPHOS_ERROR_MEMORY,
                     "not even one image of %ux%u fits this device (%s); use a smaller --height, --width or --encoder-width",
                     run->settings.height, run->settings.width, why);
}

static double mib(uint64_t bytes)
{
    return (double)bytes / 1048576;
}

// What can't be planned at all becomes part of the advice: the refusal's own words name the tensor.
static enum nephos_status plan_or_refuse(const struct run *run, uint64_t budget, struct need *need)
{
    struct nephos_log *aside;
    enum nephos_status status = nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &aside);
    if (status != NEPHOS_OK) return base_fail(run->log, status, "training: out of memory");
    status = plan_both(run, aside, run->settings.batch, need);
    if (status != NEPHOS_OK) status = refuse(run, nephos_last_error(aside), budget);
    nephos_log_destroy(&aside);
    return status;
}

enum nephos_status run_fit(const struct run *run)
{
    const uint64_t budget = gpu_get_limits(run->gpu)->memory_budget;
    struct need need;
    const enum nephos_status status = plan_or_refuse(run, budget, &need);
    if (status != NEPHOS_OK) return status;
    base_info(run->log,
              "memory: %.1f MiB on the device: %.1f parameters, gradients and moments, %.1f activations in training, %.1f in validation",
              mib(total(&need)), mib(need.parameters), mib(need.train), mib(need.validate));
    if (total(&need) <= budget) return NEPHOS_OK;
    char why[96];
    snprintf(why, sizeof why, "%.0f MiB needed, %.0f free", mib(total(&need)), mib(budget));
    return refuse(run, why, budget);
}
