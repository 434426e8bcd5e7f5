// SPDX-License-Identifier: MIT
#include "post/post.h"

#include <string.h>

static const char *const names[] = {[POST_SHAPE_NONE] = "none", [POST_SHAPE_CONVEX] = "convex", [POST_SHAPE_RECTANGLE] = "rectangle"};

const char *post_shape_name(enum post_shape shape)
{
    return names[shape];
}

enum nephos_status post_shape_parse(struct nephos_log *log, const char *shape, enum post_shape *parsed)
{
    if (!shape) shape = names[POST_SHAPE_NONE];
    for (size_t i = 0; i < ARRAY_COUNT(names); i++) {
        if (strcmp(shape, names[i]) != 0) continue;
        *parsed = (enum post_shape)i;
        return NEPHOS_OK;
    }
    const char *close = nephos_suggest(shape, names, ARRAY_COUNT(names));
    return base_fail(log, NEPHOS_ERROR_ARGUMENT, "shape '%s' is none of none, convex, rectangle%s%s%s", shape,
                     close ? "; did you mean '" : "", close ? close : "", close ? "'?" : "");
}

enum nephos_status post_masks(struct nephos_log *log, const struct post_rule *rule, uint8_t *masks, uint32_t count, uint32_t height,
                              uint32_t width)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t c = 0; c < count && status == NEPHOS_OK; c++) {
        uint8_t *mask = masks + (size_t)c * height * width;
        if (rule->fill_holes) status = post_fill_holes(log, mask, height, width);
        if (status == NEPHOS_OK && rule->min_area) status = post_drop_small(log, mask, height, width, rule->min_area, rule->frame);
        if (status == NEPHOS_OK) status = post_set_shape(log, mask, height, width, rule->shape);
    }
    return status;
}

enum nephos_status post_mask(struct nephos_log *log, const struct post_rule *rule, const float *probs, float class_prob, uint32_t height,
                             uint32_t width, uint8_t *mask)
{
    const size_t pixels = (size_t)height * width;
    if (class_prob < rule->class_threshold) {
        memset(mask, 0, pixels);
        return NEPHOS_OK;
    }
    for (size_t i = 0; i < pixels; i++)
        mask[i] = probs[i] >= rule->threshold;
    return post_masks(log, rule, mask, 1, height, width);
}
