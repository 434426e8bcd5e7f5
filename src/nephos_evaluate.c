// SPDX-License-Identifier: MIT
// Public entry point of evaluation: predictions against labels, in the labels' own frame.
#include "base/clock.h"
#include "base/file.h"
#include "nephos_internal.h"
#include "train/pass.h"
#include "train/predictor.h"
#include "train/ranking.h"
#include "train/tally.h"
#include "train/views.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct evaluation {
    struct nephos_log *log;
    struct predictor *predictor;
    struct views views;
    struct data_set *set;
    uint32_t *order, count;
    float threshold, class_threshold;
    struct post_rule rule;
    struct tally tally;
    struct ranking ranking; // empty without a classification head
    nephos_progress_fn progress;
    void *user;
    double started;
};

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

static bool has_class(const struct evaluation *e, const uint8_t *labels, size_t pixels, uint32_t class_index)
{
    size_t i = 0;
    while (i < pixels && !(e->set->exclusive ? labels[i] == class_index : labels[i] >> class_index & 1))
        i++;
    return i < pixels;
}

static void rank(struct evaluation *e, const float *class_probs, const uint8_t *labels, size_t pixels)
{
    float presence[255];
    for (uint32_t c = 0; c < e->set->class_count; c++)
        presence[c] = has_class(e, labels, pixels, c);
    ranking_add(&e->ranking, class_probs, presence);
}

static enum nephos_status add_image(struct evaluation *e, uint32_t sample, const float *probs, const float *class_probs, uint32_t height,
                                    uint32_t width)
{
    enum nephos_status status = NEPHOS_OK;
    const struct meta *meta = &e->predictor->meta;
    const size_t pixels = (size_t)height * width;
    uint8_t *labels = malloc(pixels), *masks = malloc(meta->class_count * pixels);
    if (!labels || !masks) FAIL(e->log, NEPHOS_ERROR_MEMORY, "evaluation: out of memory");
    TRY(data_set_labels(e->set, sample, height, width, labels));
    TRY(predictor_masks(meta, e->log, probs, e->threshold, height, width, masks));
    TRY(predictor_veto(meta, e->log, class_probs, e->class_threshold, pixels, masks));
    TRY(post_masks(e->log, &e->rule, masks, meta->class_count, height, width));
    if (class_probs) rank(e, class_probs, labels, pixels);
    tally_add_masks(&e->tally, masks, labels, e->set->exclusive, pixels);
fail:
    free(labels);
    free(masks);
    return status;
}

static enum nephos_status end_batch(void *user, uint32_t slot, const struct data_batch *batch)
{
    struct evaluation *e = user;
    enum nephos_status status = views_average(&e->views, slot, batch);
    for (uint32_t i = 0; i < batch->count && status == NEPHOS_OK; i++)
        status = add_image(e, batch->samples[i], views_probs(&e->views, i), views_class_probs(&e->views, i), batch->full_height[i],
                           batch->full_width[i]);
    if (status != NEPHOS_OK || !e->progress) return status;
    const struct nephos_progress progress = {
        .phase = NEPHOS_PHASE_PREDICT,
        .done = e->tally.image_count,
        .total = e->count,
        .seconds = base_clock() - e->started,
        .loss = NAN,
    };
    return e->progress(e->user, &progress) ? NEPHOS_OK : NEPHOS_INTERRUPTED;
}

static void add_areas(const struct evaluation *e, struct nephos_scores *scores)
{
    const struct ranking_areas mean = ranking_mean(&e->ranking);
    scores->pr_auc = mean.pr;
    scores->roc_auc = mean.roc;
    for (uint32_t c = 0; c < scores->class_count; c++) {
        struct ranking_areas areas = {NAN, NAN};
        if (c < e->ranking.class_count) areas = ranking_class(&e->ranking, c);
        scores->classes[c].pr_auc = areas.pr;
        scores->classes[c].roc_auc = areas.roc;
    }
}

static enum nephos_status evaluate(struct evaluation *e, const struct nephos_evaluate_params *params, struct nephos_scores *scores)
{
    enum nephos_status status;
    uint32_t batch;
    TRY(data_set_open(e->log, params->data, &e->set));
    TRY(expect_classes(e));
    TRY(choose(e, params->split ? params->split : "val"));
    TRY(tally_create(e->log, e->set->class_count, e->set->exclusive, &e->tally));
    if (e->predictor->meta.class_head) TRY(ranking_create(e->log, e->set->class_count, e->count, &e->ranking));
    TRY(predictor_batch(e->predictor, params->batch, e->count, &batch));
    TRY(predictor_prepare(e->predictor, batch));
    TRY(views_open(&e->views));
    const struct pass pass = {
        .network = e->predictor->network,
        .set = e->set,
        .order = e->order,
        .order_count = e->count,
        .threads = params->threads,
        .end = end_batch,
        .user = e,
    };
    TRY(pass_run(&pass, NULL));
    TRY(tally_scores(&e->tally, e->log, scores));
    add_areas(e, scores);
fail:
    return status;
}

enum nephos_status nephos_evaluate(struct nephos_model *model, const struct nephos_evaluate_params *params, nephos_progress_fn progress,
                                   void *user, struct nephos_scores *scores)
{
    if (!model || !params || !params->data || !scores)
        return base_fail(model ? model->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_evaluate: a parameter is NULL");
    if (!(params->threshold >= 0 && params->threshold < 1))
        return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "nephos_evaluate: the threshold %g is not in [0, 1)",
                         (double)params->threshold);
    if (!(params->class_threshold >= 0 && params->class_threshold < 1))
        return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "nephos_evaluate: the class threshold %g is not in [0, 1)",
                         (double)params->class_threshold);
    struct evaluation e = {
        .log = model->log,
        .predictor = model->predictor,
        .threshold = params->threshold,
        .class_threshold = params->class_threshold,
        .progress = progress,
        .user = user,
        .started = base_clock(),
    };
    enum nephos_status status = post_rule_make(model, &params->post, &e.rule);
    if (status == NEPHOS_OK) status = ensemble_start(model, params->others, params->other_count, params->tta, &e.views);
    if (status == NEPHOS_OK) status = evaluate(&e, params, scores);
    views_close(&e.views);
    tally_free(&e.tally);
    ranking_free(&e.ranking);
    free(e.order);
    data_set_close(&e.set);
    return status;
}
