// SPDX-License-Identifier: MIT
#include "nephos_rules.h"

#include <stdlib.h>

static enum nephos_status make_cleaning(const struct nephos_model *model, const struct nephos_post_params *params, struct post_rule *rule)
{
    const struct meta *meta = &model->predictor->meta;
    *rule =
        (struct post_rule){.min_area = params->min_area, .frame = (uint64_t)meta->height * meta->width, .fill_holes = params->fill_holes};
    const enum nephos_status status = post_shape_parse(model->log, params->shape, &rule->shape);
    if (status != NEPHOS_OK || !meta->exclusive) return status;
    if (rule->shape == POST_SHAPE_NONE && !rule->fill_holes) return NEPHOS_OK;
    return base_fail(model->log, NEPHOS_ERROR_ARGUMENT,
                     "%s: masks would grow into each other, but the model's classes exclude each other; only a least area is possible",
                     rule->fill_holes ? "filling holes" : "shapes");
}

static void override(const struct rules *rules, const struct nephos_post_params *params, struct post_rule *rule)
{
    if (rules->class_threshold > 0) rule->class_threshold = rules->class_threshold;
    if (params->min_area) rule->min_area = params->min_area;
    if (params->shape) rule->shape = rules->cleaning.shape;
    if (params->fill_holes) rule->fill_holes = true;
}

enum nephos_status rules_make(const struct nephos_model *model, float threshold, float class_threshold,
                              const struct nephos_post_params *params, bool several, struct rules *rules)
{
    const struct meta *meta = &model->predictor->meta;
    if (!(threshold >= 0 && threshold < 1))
        return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "the threshold %g is not in [0, 1)", (double)threshold);
    if (!(class_threshold >= 0 && class_threshold < 1))
        return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "the class threshold %g is not in [0, 1)", (double)class_threshold);
    *rules = (struct rules){.threshold = threshold, .class_threshold = class_threshold};
    rules->stored = meta->rules && threshold <= 0 && !several;
    const enum nephos_status status = make_cleaning(model, params, &rules->cleaning);
    if (status != NEPHOS_OK || !rules->stored) return status;
    for (uint32_t c = 0; c < meta->class_count; c++) {
        rules->classes[c] = meta->rules[c];
        override(rules, params, &rules->classes[c]);
    }
    base_info(model->log, "masks by the rules stored in %s; a threshold turns them off", model->predictor->file);
    return NEPHOS_OK;
}

float rules_class_prob(const struct meta *meta, const float *probs, const float *class_probs, uint32_t class_index)
{
    if (class_probs) return class_probs[class_index];
    float most = 0;
    for (size_t i = 0; i < (size_t)meta->height * meta->width; i++) {
        const float prob = probs[i * meta->class_count + class_index];
        if (prob > most) most = prob;
    }
    return most;
}

static enum nephos_status apply_stored(const struct rules *rules, const struct meta *meta, struct nephos_log *log, const float *probs,
                                       const float *class_probs, uint32_t height, uint32_t width, uint8_t *masks)
{
    const size_t pixels = (size_t)height * width;
    float *plane = malloc(pixels * sizeof *plane);
    if (!plane) return base_fail(log, NEPHOS_ERROR_MEMORY, "masks: out of memory");
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t c = 0; c < meta->class_count && status == NEPHOS_OK; c++) {
        status = predictor_plane(meta, log, probs, c, height, width, plane);
        const float class_prob = rules_class_prob(meta, probs, class_probs, c);
        if (status == NEPHOS_OK) status = post_mask(log, &rules->classes[c], plane, class_prob, height, width, masks + c * pixels);
    }
    free(plane);
    return status;
}

enum nephos_status rules_apply(const struct rules *rules, const struct meta *meta, struct nephos_log *log, const float *probs,
                               const float *class_probs, uint32_t height, uint32_t width, uint8_t *masks)
{
    enum nephos_status status;
    if (rules->stored)
        TRY(apply_stored(rules, meta, log, probs, class_probs, height, width, masks));
    else
        TRY(predictor_masks(meta, log, probs, rules->threshold, height, width, masks));
    TRY(predictor_veto(meta, log, class_probs, rules->class_threshold, (size_t)height * width, masks));
    if (!rules->stored) TRY(post_masks(log, &rules->cleaning, masks, meta->class_count, height, width));
fail:
    return status;
}
