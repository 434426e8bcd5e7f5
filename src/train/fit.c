// SPDX-License-Identifier: MIT
// Does it fit? Asked of the plan before any memory is taken. What kernels need in scratch memory is known only when they are chosen
// (net_tune): to refuse a batch the least is assumed, to recommend or choose one the most that any kernel here could take.
#include "train/run.h"

#include "base/file.h"
#include "train/config.h"
#include "train/fit.h"

#include <stdio.h>
#include <stdlib.h>

#define EPOCH_STEPS 16 // that "auto" leaves an epoch: more images a step would only mean fewer steps to learn in

struct need { // bytes
    uint64_t parameters, activations;
};

static uint64_t parameter_bytes(const struct run *run, const struct net_graph *graph)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < graph->param_count; i++) {
        // values, gradients, moments, an average; running statistics have values only
        bytes += op_bytes(graph->params[i].shape) * (graph->params[i].state ? 1 : 2 + run->moments + (run->settings.ema > 0));
    }
    return bytes;
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

void fit_allow_for_variants(const struct net_graph *graph)
{
    for (uint32_t n = 0; n < graph->node_count; n++) {
        struct net_node *node = &graph->nodes[n];
        const struct op_variant *variant;
        struct op_needs needs;
        struct op_infer info;
        if (net_infer_node(graph, node, &info) != NEPHOS_OK) continue;
        for (uint32_t i = 0; (variant = op_offered(node->op, &info, i, &needs)); i++) {
            node->needs.workspace = larger(node->needs.workspace, needs.workspace);
            node->needs.prepared = larger(node->needs.prepared, needs.prepared);
        }
    }
}

// Adds what a network needs beside the plan in *lender; with no lender yet its plan becomes that.
static enum nephos_status add_network(const struct run *run, struct nephos_log *log, struct network_spec spec, bool most,
                                      struct net_plan **lender, struct need *need)
{
    struct network *network = NULL;
    struct net_plan *plan = NULL;
    enum nephos_status status;
    TRY(network_build(log, gpu_get_limits(run->gpu), &spec, &network));
    if (most) fit_allow_for_variants(network->graph);
    TRY(net_plan_create(network->graph, &plan));
    need->parameters = parameter_bytes(run, network->graph);
    need->activations += net_plan_own_size(plan, *lender);
    if (!*lender) {
        *lender = plan;
        plan = NULL;
    }
fail:
    net_plan_destroy(&plan);
    network_destroy(&network);
    return status;
}

static enum nephos_status plan_all(const struct run *run, struct nephos_log *log, uint32_t batch, uint32_t micro_batch, bool most,
                                   struct need *need)
{
    struct net_plan *lender = NULL;
    enum nephos_status status;
    *need = (struct need){0};
    TRY(add_network(run, log, run_spec(run, NETWORK_TRAIN, micro_batch), most, &lender, need));
    if (batch % micro_batch) TRY(add_network(run, log, run_spec(run, NETWORK_TRAIN, batch % micro_batch), most, &lender, need));
    TRY(add_network(run, log, run_spec(run, NETWORK_VALIDATE, micro_batch), most, &lender, need));
fail:
    net_plan_destroy(&lender);
    return status;
}

static uint64_t total(const struct need *need)
{
    return need->parameters + need->activations;
}

static bool fits(const struct run *run, uint32_t batch, uint32_t micro_batch, uint64_t budget)
{
    struct need need;
    // Silent: a batch that can't be bound is simply none that fits.
    return plan_all(run, NULL, batch, micro_batch, true, &need) == NEPHOS_OK && total(&need) <= budget;
}

// The largest batch below `below` that fits at once, 0 if none does.
static uint32_t largest_fitting(const struct run *run, uint32_t below, uint64_t budget)
{
    uint32_t low = 0, high = below;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (fits(run, middle, middle, budget)) low = middle;
        else high = middle;
    }
    return low;
}

static bool would_fit_with_recompute(const struct run *run, uint64_t budget)
{
    struct run other = *run;
    other.recompute = true;
    return fits(&other, run->settings.batch, run->settings.micro_batch, budget);
}

static enum nephos_status refuse(const struct run *run, const char *why, uint64_t budget)
{
    const struct train_settings *s = &run->settings;
    const uint32_t fitting = largest_fitting(run, s->micro_batch, budget);
    uint32_t part = fitting;
    if (!run->recompute && would_fit_with_recompute(run, budget))
        return base_fail(run->log, NEPHOS_ERROR_MEMORY, "%s %u at %ux%u does not fit this device (%s); with --recompute on it would",
                         s->micro_batch < s->batch ? "micro-batch" : "batch", s->micro_batch, s->height, s->width, why);
    while (part > 0 && !fits(run, s->batch, part, budget)) part--;
    if (fitting && s->micro_batch < s->batch)
        return base_fail(run->log, NEPHOS_ERROR_MEMORY, "micro-batch %u at %ux%u does not fit this device (%s); --micro-batch %u would",
                         s->micro_batch, s->height, s->width, why, part);
    if (fitting)
        return base_fail(run->log, NEPHOS_ERROR_MEMORY,
                         "batch %u at %ux%u does not fit this device (%s); --batch %u would, or this one in parts of --micro-batch %u",
                         s->batch, s->height, s->width, why, fitting, part);
    return base_fail(run->log, NEPHOS_ERROR_MEMORY,
                     "not even one image of %ux%u fits this device (%s); use a smaller --height, --width or --encoder-width", s->height,
                     s->width, why);
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
    status = plan_all(run, aside, run->settings.batch, run->settings.micro_batch, false, need);
    if (status != NEPHOS_OK) status = refuse(run, nephos_last_error(aside), budget);
    nephos_log_destroy(&aside);
    return status;
}

enum nephos_status run_fit(const struct run *run)
{
    const uint64_t budget = gpu_get_limits(run->gpu)->memory_budget;
    struct need need;
    const enum nephos_status status = plan_or_refuse(run, budget, &need);
    if (status != NEPHOS_OK || total(&need) <= budget) return status;
    char why[96];
    snprintf(why, sizeof why, "%.0f MiB needed, %.0f free", mib(total(&need)), mib(budget));
    return refuse(run, why, budget);
}

// --- auto -------------------------------------------------------------------------------------------------------------

uint64_t fit_usable(uint64_t budget)
{
    return budget - budget / 8;
}

uint32_t fit_largest(bool (*fitting)(void *user, uint32_t batch), void *user, uint32_t most)
{
    // 1, 2, 3, 4, 6, 8, 12 ...: sizes between them gain little
    for (uint32_t power = 1024; power >= 1; power /= 2) {
        const uint32_t sizes[] = {power / 2 * 3, power};
        for (size_t i = 0; i < ARRAY_COUNT(sizes); i++) {
            if (sizes[i] >= power && sizes[i] <= most && fitting(user, sizes[i])) return sizes[i];
        }
    }
    return 0;
}

struct search {
    const struct run *run;
    uint64_t usable;
};

static bool batch_fits(void *user, uint32_t batch)
{
    const struct search *search = user;
    return fits(search->run, batch, batch, search->usable);
}

// A run that goes on keeps what was chosen for it.
static void take_chosen(const struct run *run, const char *name, uint32_t *count)
{
    struct train_settings chosen;
    struct nephos_config *config = NULL;
    char *path = *count == SETTING_AUTO && run->settings.resume ? run_path(run, "config.ini") : NULL;
    if (path && base_file_exists(path) && nephos_config_create(run->log, &config) == NEPHOS_OK &&
        nephos_config_load(config, path) == NEPHOS_OK && config_resolve(config, &chosen) == NEPHOS_OK)
        *count = name[0] == 'b' ? chosen.batch : chosen.micro_batch;
    nephos_config_destroy(&config);
    free(path);
}

static enum nephos_status choose(const struct run *run, const char *name, uint32_t most, uint32_t *count)
{
    take_chosen(run, name, count);
    if (*count != SETTING_AUTO) return NEPHOS_OK;
    const uint64_t budget = gpu_get_limits(run->gpu)->memory_budget;
    struct search search = {run, fit_usable(budget)};
    struct need need;
    const uint32_t chosen = fit_largest(batch_fits, &search, most);
    if (chosen == 0)
        return base_fail(run->log, NEPHOS_ERROR_MEMORY,
                         "not even one image of %ux%u fits this device (%.0f MiB free); use a smaller --height, --width or --encoder-width",
                         run->settings.height, run->settings.width, mib(budget));
    const enum nephos_status status = plan_all(run, run->log, chosen, chosen, true, &need);
    if (status != NEPHOS_OK) return status;
    base_info(run->log, "%s auto: %u, which takes at most %.1f MiB; of %.1f MiB free an eighth is left alone, and at most %u were asked for",
              name, chosen, mib(total(&need)), mib(budget), most);
    *count = chosen;
    return NEPHOS_OK;
}

// Until here the batch was tried with recompute, which never takes more: does it fit without?
static void choose_recompute(struct run *run)
{
    const struct train_settings *s = &run->settings;
    const uint64_t budget = gpu_get_limits(run->gpu)->memory_budget;
    if (s->recompute != TRAIN_RECOMPUTE_AUTO) return;
    run->recompute = false;
    if (fits(run, s->batch, s->micro_batch, fit_usable(budget))) return;
    run->recompute = true;
    base_info(run->log, "recompute auto: on; without, %u images at once are too much for %.1f MiB", s->micro_batch, mib(budget));
}

enum nephos_status run_fit_batch(struct run *run)
{
    struct train_settings *s = &run->settings;
    run->recompute = s->recompute != TRAIN_RECOMPUTE_OFF;
    const uint32_t most = run->train_count / EPOCH_STEPS > 1 ? run->train_count / EPOCH_STEPS : 1;
    if (s->batch == SETTING_AUTO && s->micro_batch != 0 && s->micro_batch != SETTING_AUTO)
        return base_fail(run->log, NEPHOS_ERROR_ARGUMENT,
                         "--batch auto is what fits at once; with --micro-batch %u say how many images a step has", s->micro_batch);
    enum nephos_status status = choose(run, "batch", most < 1024 ? most : 1024, &s->batch);
    if (status == NEPHOS_OK) status = choose(run, "micro-batch", s->batch, &s->micro_batch);
    if (s->micro_batch == 0 || s->micro_batch > s->batch) s->micro_batch = s->batch;
    if (status == NEPHOS_OK) choose_recompute(run);
    return status;
}
