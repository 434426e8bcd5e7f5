// SPDX-License-Identifier: MIT
// From settings to networks with weights, ready for the first step.
#include "train/run.h"

#include "train/augment_draw.h"
#include "train/config.h"
#include "train/keep.h"
#include "train/monitor.h"
#include "train/groups.h"
#include "train/loss.h"
#include "train/precision.h"
#include "train/schedule.h"

#include <math.h>
#include <stdlib.h>

static enum nephos_status collect(struct run *run, enum data_split split, uint32_t **indices, uint32_t *count)
{
    *indices = malloc((run->set->sample_count + 1) * sizeof **indices);
    if (!*indices) return base_fail(run->log, NEPHOS_ERROR_MEMORY, "training: out of memory");
    for (uint32_t i = 0; i < run->set->sample_count; i++) {
        if (run->set->samples[i].split == split) (*indices)[(*count)++] = i;
    }
    if (*count) return NEPHOS_OK;
    return base_fail(run->log, NEPHOS_ERROR_DATA, "%s: no image is meant for %s (of %u); see split.csv", run->set->root,
                     split == DATA_TRAIN ? "training" : "validation", run->set->sample_count);
}

// The data's own split; else the one this run has drawn before; else a new one.
static enum nephos_status split(struct run *run)
{
    const struct train_settings *s = &run->settings;
    if (s->folds && !s->resume) return data_folds_split(run->set, s->folds, s->fold, s->seed);
    if (run->set->has_split && !s->folds) return NEPHOS_OK;
    if (!s->resume) return data_split_draw(run->set, s->val_share, s->seed);
    char *path = run_path(run, "split.csv");
    const enum nephos_status status = path ? data_split_load(run->set, path) : NEPHOS_ERROR_MEMORY;
    free(path);
    return status;
}

static enum nephos_status check_monitor(const struct run *run)
{
    const struct train_settings *s = &run->settings;
    if (s->class_head > 0 || !monitor_needs_class_head(s->monitor)) return NEPHOS_OK;
    return base_fail(run->log, NEPHOS_ERROR_ARGUMENT, "--monitor %s needs a classification head: give its loss a weight with --class-head",
                     monitor_name(s->monitor));
}

static enum nephos_status open_data(struct run *run)
{
    enum nephos_status status;
    const struct train_settings *s = &run->settings;
    TRY(data_set_open(run->log, s->data, &run->set));
    TRY(loss_check(run->log, &s->loss, run->set->exclusive, run->set->class_count, s->data));
    TRY(split(run));
    TRY(collect(run, DATA_TRAIN, &run->train, &run->train_count));
    TRY(collect(run, DATA_VAL, &run->val, &run->val_count));
    return NEPHOS_OK;
fail:
    return status;
}

static void choose_optimizer(struct run *run)
{
    static const char *const ops[] = {
        [TRAIN_ADAM] = "adam", [TRAIN_ADAMW] = "adamw", [TRAIN_SGD] = "sgd", [TRAIN_RADAM] = "radam", [TRAIN_NADAM] = "nadam"};
    const struct train_settings *s = &run->settings;
    run->moments = s->optimizer == TRAIN_SGD ? 1 : 2;
    run->optimizer = (struct net_optimizer){
        .op = ops[s->optimizer],
        .clip_norm = s->clip_norm,
        .average_decay = s->ema,
        .attr = {.beta1 = 0.9f,
                 .beta2 = 0.999f,
                 .eps = 1e-8f,
                 .momentum = s->momentum,
                 .nesterov = s->nesterov,
                 .weight_decay = s->weight_decay},
    };
}

struct network_spec run_spec(const struct run *run, enum network_purpose purpose, uint32_t batch)
{
    struct network_spec spec = meta_spec(&run->meta, purpose, batch);
    spec.label_index = run->set->exclusive;
    spec.loss = run->settings.loss;
    spec.class_head = run->settings.class_head;
    spec.precision = run->precision;
    spec.storage = run->storage;
    spec.model.dropout = run->settings.dropout;
    spec.unfused = !run->settings.fuse;
    spec.recompute = run->recompute;
    if (purpose == NETWORK_TRAIN) spec.step_images = run->settings.batch;
    spec.augment = purpose == NETWORK_TRAIN && augment_is_on(&run->settings.augment);
    if (spec.augment) spec.changes = augment_changes(&run->settings.augment);
    return spec;
}

static enum nephos_status build_networks(struct run *run)
{
    enum nephos_status status;
    const struct gpu_limits *limits = gpu_get_limits(run->gpu);
    const uint32_t batch = run->settings.micro_batch, rest = run->settings.batch % batch;
    const struct network_spec train = run_spec(run, NETWORK_TRAIN, batch), tail = run_spec(run, NETWORK_TRAIN, rest);
    const struct network_spec validate = run_spec(run, NETWORK_VALIDATE, batch);
    TRY(network_build(run->log, limits, &train, &run->trainer));
    if (rest) TRY(network_build(run->log, limits, &tail, &run->tail));
    TRY(network_build(run->log, limits, &validate, &run->validator));
    groups_assign(run->trainer->graph, &run->optimizer, &run->settings);
    TRY(net_store_create(run->gpu, run->trainer->graph, &run->store));
    TRY(net_store_train(run->store, run->moments));
    TRY(net_store_init(run->store, run->settings.seed));
    if (run->settings.ema > 0) TRY(net_store_average(run->store));
    run->kept = run->store->average ? run->store->average : run->store;
fail:
    return status;
}

static enum nephos_status prepare_networks(struct run *run)
{
    enum nephos_status status;
    TRY(network_prepare(run->trainer, run->gpu, run->store, &run->optimizer));
    if (run->tail) TRY(network_prepare_beside(run->tail, run->gpu, run->store, &run->optimizer, run->trainer));
    TRY(network_prepare_beside(run->validator, run->gpu, run->kept, NULL, run->trainer));
    run_fit_report(run);
fail:
    return status;
}

static enum nephos_status set_weights(struct run *run)
{
    if (run->settings.resume) return run_resume(run);
    const enum nephos_status status = run_init(run);
    return status == NEPHOS_OK && run->store->average ? net_store_average_start(run->store) : status;
}

static enum nephos_status cut_epoch(struct run *run)
{
    const struct train_settings *s = &run->settings;
    run->steps_per_epoch = run->train_count / s->batch > 0 ? run->train_count / s->batch : 1;
    if (s->micro_batch == s->batch || s->batch <= run->train_count) return NEPHOS_OK;
    return base_fail(run->log, NEPHOS_ERROR_ARGUMENT, "--batch %u in parts of --micro-batch %u needs as many training images; there are %u",
                     s->batch, s->micro_batch, run->train_count);
}

enum nephos_status run_setup(struct run *run)
{
    enum nephos_status status;
    const struct train_settings *s = &run->settings;
    rows_init(&run->rows);
    TRY(config_resolve(run->config, &run->settings));
    TRY(schedule_check(run->log, s));
    TRY(run_check_free(run));
    TRY(check_monitor(run));
    TRY(keep_check(run));
    TRY(open_data(run));
    TRY(meta_make(run->log, s, (const char *const *)run->set->classes, run->set->class_count, loss_is_multiclass(&s->loss), &run->meta));
    TRY(tally_create(run->log, run->set->class_count, run->meta.exclusive, &run->state.tally));
    TRY(tally_create(run->log, run->set->class_count, run->meta.exclusive, &run->val_tally));
    if (run->meta.class_head) TRY(ranking_create(run->log, run->set->class_count, run->val_count, &run->ranking));
    run->state.seed = s->seed;
    run->state.monitor = s->monitor;
    run->state.best_value = run->state.patient_value = NAN;
    run->state.lr_scale = 1;
    run->state.plateau.best = NAN;
    run->lr = s->lr;
    choose_optimizer(run);
    TRY(precision_choose(run->gpu, s->precision, &run->precision));
    run->storage = precision_storage(run->gpu, s->storage, run->precision);
    TRY(run_fit_batch(run));
    TRY(augment_check(run->log, &run->settings.augment, run->meta.exclusive, run->settings.micro_batch));
    TRY(cut_epoch(run));
    TRY(run_fit(run));
    TRY(build_networks(run));
    TRY(set_weights(run));
    TRY(prepare_networks(run));
    TRY(run_describe(run));
    base_info(run->log, "%u training and %u validation images, %u classes; %u steps of %u images an epoch", run->train_count,
              run->val_count, run->set->class_count, run->steps_per_epoch, s->batch);
fail:
    return status;
}

void run_free(struct run *run)
{
    network_destroy(&run->tail);
    network_destroy(&run->validator);
    network_destroy(&run->trainer); // whose memory the others share
    net_store_destroy(&run->store);
    meta_free(&run->meta);
    tally_free(&run->state.tally);
    tally_free(&run->val_tally);
    free(run->train);
    free(run->val);
    history_free(&run->history);
    rows_free(&run->rows);
    events_free(&run->events);
    ranking_free(&run->ranking);
    data_set_close(&run->set);
    base_lock_release(&run->lock);
}
