// SPDX-License-Identifier: MIT
// What callers ask to be done to masks, as a rule for one model.
#include "nephos_internal.h"
#include "train/predictor.h"

enum nephos_status post_rule_make(const struct nephos_model *model, const struct nephos_post_params *params, struct post_rule *rule)
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
