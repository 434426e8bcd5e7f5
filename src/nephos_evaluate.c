// SPDX-License-Identifier: MIT
// Public entry point of evaluation: predictions against labels, in the labels' own frame.
#include "nephos_evaluation.h"
#include "train/ranking.h"
#include "train/tally.h"

#include <math.h>
#include <stdlib.h>

struct judge {
    struct rules rules;
    struct tally tally;
    struct ranking ranking; // empty without a classification head
};

static bool has_class(const struct data_set *set, const uint8_t *labels, size_t pixels, uint32_t class_index)
{
    size_t i = 0;
    while (i < pixels && !(set->exclusive ? labels[i] == class_index : labels[i] >> class_index & 1))
        i++;
    return i < pixels;
}

static void rank(struct judge *j, const struct data_set *set, const struct evaluated *image)
{
    float presence[255];
    for (uint32_t c = 0; c < set->class_count; c++)
        presence[c] = has_class(set, image->labels, (size_t)image->height * image->width, c);
    ranking_add(&j->ranking, image->class_probs, presence);
}

static enum nephos_status add_image(struct evaluation *e, const struct evaluated *image)
{
    struct judge *j = e->adds_to;
    const struct meta *meta = &e->predictor->meta;
    const size_t pixels = (size_t)image->height * image->width;
    uint8_t *masks = malloc(meta->class_count * pixels);
    if (!masks) return base_fail(e->log, NEPHOS_ERROR_MEMORY, "evaluation: out of memory");
    const enum nephos_status status =
        rules_apply(&j->rules, meta, e->log, image->probs, image->class_probs, image->height, image->width, masks);
    if (status == NEPHOS_OK && image->class_probs) rank(j, e->set, image);
    if (status == NEPHOS_OK) tally_add_masks(&j->tally, masks, image->labels, e->set->exclusive, pixels);
    free(masks);
    return status;
}

static void add_areas(const struct judge *j, struct nephos_scores *scores)
{
    const struct ranking_areas mean = ranking_mean(&j->ranking);
    scores->pr_auc = mean.pr;
    scores->roc_auc = mean.roc;
    for (uint32_t c = 0; c < scores->class_count; c++) {
        struct ranking_areas areas = {NAN, NAN};
        if (c < j->ranking.class_count) areas = ranking_class(&j->ranking, c);
        scores->classes[c].pr_auc = areas.pr;
        scores->classes[c].roc_auc = areas.roc;
    }
}

static enum nephos_status evaluate(struct evaluation *e, struct judge *j, struct nephos_scores *scores)
{
    enum nephos_status status;
    TRY(tally_create(e->log, e->set->class_count, e->set->exclusive, &j->tally));
    if (e->predictor->meta.class_head) TRY(ranking_create(e->log, e->set->class_count, e->count, &j->ranking));
    TRY(evaluation_pass(e, e->order, e->count));
    TRY(tally_scores(&j->tally, e->log, scores));
    add_areas(j, scores);
fail:
    return status;
}

enum nephos_status nephos_evaluate(struct nephos_model *model, const struct nephos_evaluate_params *params, nephos_progress_fn progress,
                                   void *user, struct nephos_scores *scores)
{
    if (!model || !params || !params->data || !scores)
        return base_fail(model ? model->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_evaluate: a parameter is NULL");
    struct judge j = {0};
    struct evaluation e = {.progress = progress, .user = user, .add = add_image, .adds_to = &j};
    enum nephos_status status =
        rules_make(model, params->threshold, params->class_threshold, &params->post, params->other_count > 0, &j.rules);
    if (status == NEPHOS_OK) status = evaluation_open(&e, model, params);
    if (status == NEPHOS_OK) status = evaluate(&e, &j, scores);
    tally_free(&j.tally);
    ranking_free(&j.ranking);
    evaluation_close(&e);
    return status;
}
