// SPDX-License-Identifier: MIT
#include "nephos_evaluation.h"

#include "base/clock.h"
#include "base/file.h"
#include "train/pass.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static enum nephos_status expect_classes(const struct evaluation *e)
{
    const struct meta *meta = &e->predictor->meta;
    if (e->set->class_count != meta->class_count)
        return base_fail(e->log, NEPHOS_ERROR_DATA, "%s has %u classes, the model %u", e->set->root, e->set->class_count,
                         meta->class_count);
    if (meta->exclusive && !e->set->exclusive)
        return base_fail(e->log, NEPHOS_ERROR_DATA, "%s: its classes may overlap, the model's exclude each other", e->set->root);
    for (uint32_t c = 0; c < meta->class_count; c++) {
        if (strcmp(e->set->classes[c], meta->classes[c]) != 0)
            return base_fail(e->log, NEPHOS_ERROR_DATA, "%s: class %u is '%s', the model's is '%s'", e->set->root, c, e->set->classes[c],
                             meta->classes[c]);
    }
    return NEPHOS_OK;
}

// The data's own split.csv, or the one beside the model, which the training run has drawn.
static enum nephos_status load_split(struct evaluation *e)
{
    if (e->set->has_split) return NEPHOS_OK;
    char *path = base_format("%s/split.csv", e->predictor->folder);
    if (!path) return base_fail(e->log, NEPHOS_ERROR_MEMORY, "evaluation: out of memory");
    const enum nephos_status status =
        base_file_exists(path)
            ? data_split_load(e->set, path)
            : base_fail(e->log, NEPHOS_ERROR_DATA, "no split.csv in %s nor in %s; use --split all", e->set->root, e->predictor->folder);
    free(path);
    return status;
}

static enum nephos_status choose(struct evaluation *e, const char *split)
{
    static const char *const names[] = {[DATA_TRAIN] = "train", [DATA_VAL] = "val", [DATA_TEST] = "test"};
    const bool all = strcmp(split, "all") == 0;
    size_t wanted = 0;
    while (wanted < ARRAY_COUNT(names) && strcmp(split, names[wanted]) != 0)
        wanted++;
    if (!all && wanted == ARRAY_COUNT(names))
        return base_fail(e->log, NEPHOS_ERROR_ARGUMENT, "split '%s' is none of train, val, test, all", split);
    enum nephos_status status = all ? NEPHOS_OK : load_split(e);
    if (status != NEPHOS_OK) return status;
    e->order = malloc((e->set->sample_count + 1) * sizeof *e->order);
    if (!e->order) return base_fail(e->log, NEPHOS_ERROR_MEMORY, "evaluation: out of memory");
    for (uint32_t i = 0; i < e->set->sample_count; i++) {
        if (all || (size_t)e->set->samples[i].split == wanted) e->order[e->count++] = i;
    }
    return e->count ? NEPHOS_OK : base_fail(e->log, NEPHOS_ERROR_DATA, "%s: no image belongs to split '%s'", e->set->root, split);
}

static enum nephos_status add_image(struct evaluation *e, const struct data_batch *batch, uint32_t i, uint32_t position)
{
    struct evaluated image = {.position = position,
                              .probs = views_probs(&e->views, i),
                              .class_probs = views_class_probs(&e->views, i),
                              .height = batch->full_height[i],
                              .width = batch->full_width[i]};
    image.labels = malloc((size_t)image.height * image.width);
    if (!image.labels) return base_fail(e->log, NEPHOS_ERROR_MEMORY, "evaluation: out of memory");
    enum nephos_status status = data_set_labels(e->set, batch->samples[i], image.height, image.width, image.labels);
    if (status == NEPHOS_OK) status = e->add(e, &image);
    free(image.labels);
    return status;
}

struct passing {
    struct evaluation *evaluation;
    uint32_t position;
};

static enum nephos_status end_batch(void *user, uint32_t slot, const struct data_batch *batch)
{
    struct passing *passing = user;
    struct evaluation *e = passing->evaluation;
    enum nephos_status status = views_average(&e->views, slot, batch);
    for (uint32_t i = 0; i < batch->count && status == NEPHOS_OK; i++)
        status = add_image(e, batch, i, passing->position++);
    e->done += batch->count;
    if (status != NEPHOS_OK || !e->progress) return status;
    const struct nephos_progress progress = {
        .phase = NEPHOS_PHASE_PREDICT, .done = e->done, .total = e->total, .seconds = base_clock() - e->started, .loss = NAN};
    return e->progress(e->user, &progress) ? NEPHOS_OK : NEPHOS_INTERRUPTED;
}

enum nephos_status evaluation_pass(struct evaluation *e, const uint32_t *order, uint32_t count)
{
    struct passing passing = {.evaluation = e};
    const struct pass pass = {
        .network = e->predictor->network,
        .set = e->set,
        .order = order,
        .order_count = count,
        .threads = e->threads,
        .end = end_batch,
        .user = &passing,
    };
    return pass_run(&pass, NULL);
}

enum nephos_status evaluation_open(struct evaluation *e, struct nephos_model *model, const struct nephos_evaluate_params *params)
{
    enum nephos_status status;
    uint32_t batch;
    e->log = model->log;
    e->predictor = model->predictor;
    e->threads = params->threads;
    e->started = base_clock();
    TRY(ensemble_start(model, params->others, params->other_count, params->tta, &e->views));
    TRY(data_set_open(e->log, params->data, &e->set));
    TRY(expect_classes(e));
    TRY(choose(e, params->split ? params->split : "val"));
    e->total = e->count;
    TRY(predictor_batch(e->predictor, params->batch, e->count, &batch));
    TRY(predictor_prepare(e->predictor, batch));
    TRY(views_open(&e->views));
fail:
    return status;
}

void evaluation_close(struct evaluation *e)
{
    views_close(&e->views);
    free(e->order);
    data_set_close(&e->set);
}
