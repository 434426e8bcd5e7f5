// SPDX-License-Identifier: MIT
// Whole steps for the benchmark: a network on data that is all zero, ready to run as often as wanted.
#include "train/bench.h"

#include "base/clock.h"
#include "train/precision.h"

#include <string.h>

#define DEFAULT_SECONDS 0.5

struct nephos_bench_params bench_defaults(const struct nephos_bench_params *params)
{
    struct nephos_bench_params p = params ? *params : (struct nephos_bench_params){0};
    if (!p.encoder) p.encoder = "resnet34";
    if (!p.encoder_width) p.encoder_width = 64;
    if (!p.height) p.height = 256;
    if (!p.width) p.width = 384;
    if (!p.batch) p.batch = 4;
    if (!(p.seconds > 0)) p.seconds = DEFAULT_SECONDS;
    return p;
}

static enum nephos_status check_word(struct nephos_log *log, const char *name, const char *word, const char *a, const char *b)
{
    if (!word || strcmp(word, a) == 0 || strcmp(word, b) == 0) return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%s is '%s', must be '%s' or '%s'", name, word, a, b);
}

static enum nephos_status choose_numbers(struct gpu *gpu, const struct nephos_bench_params *p, struct bench_numbers *numbers)
{
    enum train_precision precision, storage = TRAIN_AUTO;
    enum nephos_status status;
    TRY(precision_parse(gpu_log(gpu), "precision", p->precision, &precision));
    if (p->storage) TRY(precision_parse(gpu_log(gpu), "storage", p->storage, &storage));
    TRY(precision_choose(gpu, precision, &numbers->precision));
    numbers->storage = precision_storage(gpu, storage, numbers->precision);
fail:
    return status;
}

enum nephos_status bench_check(struct gpu *gpu, const struct nephos_bench_params *p, struct bench_numbers *numbers)
{
    struct nephos_log *log = gpu_log(gpu);
    enum nephos_status status;
    TRY(check_word(log, "fuse", p->fuse, "on", "off"));
    TRY(check_word(log, "recompute", p->recompute, "on", "off"));
    TRY(check_word(log, "steps", p->steps, "train", "infer"));
    if (!p->layers || p->precision || p->storage) TRY(choose_numbers(gpu, p, numbers));
fail:
    return status;
}

struct network_spec bench_spec(const struct nephos_bench_params *p, struct bench_numbers numbers, enum network_purpose purpose)
{
    return (struct network_spec){
        .purpose = purpose,
        .model = {.arch = "unet", .encoder = p->encoder, .encoder_width = p->encoder_width, .class_count = 4},
        .batch = p->batch,
        .height = p->height,
        .width = p->width,
        .loss = {.bce = 1, .dice = 1},
        .threshold = 0.5f,
        .std = {1, 1, 1},
        .unfused = p->fuse && strcmp(p->fuse, "off") == 0,
        .precision = numbers.precision,
        .storage = numbers.storage,
        .recompute = p->recompute && strcmp(p->recompute, "on") == 0,
    };
}

const char *bench_step_name(enum network_purpose purpose)
{
    return purpose == NETWORK_TRAIN ? "train" : "infer";
}

bool bench_wants(const struct nephos_bench_params *p, enum network_purpose purpose)
{
    return !p->steps || strcmp(p->steps, bench_step_name(purpose)) == 0;
}

enum nephos_status bench_step_create(struct gpu *gpu, const struct nephos_bench_params *params, struct bench_numbers numbers,
                                     enum network_purpose purpose, struct bench_step *step)
{
    static const struct net_optimizer adam = {.op = "adam", .attr = {.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f}};
    enum nephos_status status;
    const struct network_spec spec = bench_spec(params, numbers, purpose);
    const bool training = purpose == NETWORK_TRAIN;
    TRY(network_build(gpu_log(gpu), gpu_get_limits(gpu), &spec, &step->network));
    TRY(net_store_create(gpu, step->network->graph, &step->store));
    TRY(net_store_init(step->store, 0));
    if (training) TRY(net_store_train(step->store, 2));
    TRY(network_prepare(step->network, gpu, step->store, training ? &adam : NULL));
fail:
    return status;
}

void bench_step_destroy(struct bench_step *step)
{
    network_destroy(&step->network);
    net_store_destroy(&step->store);
}

enum nephos_status bench_step_run(struct bench_step *step, double *elapsed)
{
    const double started = base_clock();
    enum nephos_status status = net_exec_submit(step->network->exec, 0);
    if (status == NEPHOS_OK) status = net_exec_wait(step->network->exec, 0);
    *elapsed = base_clock() - started;
    return status;
}

uint64_t bench_step_memory(const struct bench_step *step)
{
    const struct net_store *store = step->store;
    uint64_t bytes = net_exec_plan(step->network->exec)->arena_size;
    for (uint32_t i = 0; i < store->chunk_count; i++) {
        const bool trained = store->moments && i < store->trained_chunk_count;
        bytes += store->chunks[i].size * (trained ? 2 + store->moments : 1);
    }
    return bytes;
}
