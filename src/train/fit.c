// SPDX-License-Identifier: MIT
// Does it fit? Asked of the plan before any memory is taken.
#include "train/run.h"

#include <stdio.h>

static uint64_t parameter_bytes(const struct run *run)
{
    uint64_t bytes = 0;
    const struct net_graph *graph = run->trainer->graph;
    for (uint32_t i = 0; i < graph->param_count; i++) {
        // values, gradients, moments; running statistics have values only
        bytes += op_bytes(graph->params[i].shape) * (graph->params[i].state ? 1 : 2 + run->moments);
    }
    return bytes;
}

static enum nephos_status arena_bytes(const struct run *run, enum network_purpose purpose, uint32_t batch, uint64_t *bytes)
{
    const struct network_spec spec = run_spec(run, purpose, batch);
    struct network *network = NULL;
    struct net_plan *plan = NULL;
    // Silent: a batch that can't be bound is simply none that fits.
    enum nephos_status status = network_build(NULL, gpu_get_limits(run->gpu), &spec, &network);
    if (status == NEPHOS_OK) status = net_plan_create(network->graph, &plan);
    if (status == NEPHOS_OK) *bytes = plan->arena_size;
    net_plan_destroy(&plan);
    network_destroy(&network);
    return status;
}

static bool fits(const struct run *run, uint32_t batch, uint64_t budget)
{
    uint64_t train = 0, validate = 0;
    return arena_bytes(run, NETWORK_TRAIN, batch, &train) == NEPHOS_OK && arena_bytes(run, NETWORK_VALIDATE, batch, &validate) == NEPHOS_OK &&
           train + validate + parameter_bytes(run) <= budget;
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
    return base_fail(run->log, NEPHOS_ERROR_MEMORY, "not even one image of %ux%u fits this device (%s); use a smaller --height, --width or --encoder-width",
                     run->settings.height, run->settings.width, why);
}

static double mib(uint64_t bytes)
{
    return (double)bytes / 1048576;
}

enum nephos_status run_fit(const struct run *run)
{
    const struct gpu_limits *limits = gpu_get_limits(run->gpu);
    uint64_t train = 0, validate = 0;
    if (arena_bytes(run, NETWORK_TRAIN, run->settings.batch, &train) != NEPHOS_OK ||
        arena_bytes(run, NETWORK_VALIDATE, run->settings.batch, &validate) != NEPHOS_OK) {
        char why[96];
        snprintf(why, sizeof why, "one tensor is above the %.0f MiB that can be bound at once", mib(limits->max_binding_size));
        return refuse(run, why, limits->memory_budget);
    }
    const uint64_t parameters = parameter_bytes(run), total = train + validate + parameters;
    base_info(run->log, "memory: %.1f MiB on the device: %.1f parameters, gradients and moments, %.1f activations in training, %.1f in validation",
              mib(total), mib(parameters), mib(train), mib(validate));
    if (total <= limits->memory_budget) return NEPHOS_OK;
    char why[96];
    snprintf(why, sizeof why, "%.0f MiB needed, %.0f free", mib(total), mib(limits->memory_budget));
    return refuse(run, why, limits->memory_budget);
}
