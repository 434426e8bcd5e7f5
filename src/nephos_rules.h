// SPDX-License-Identifier: MIT
// From probabilities to masks: by what callers ask for, and by the rules in the model file.
#ifndef NEPHOS_RULES_H
#define NEPHOS_RULES_H

#include "nephos_internal.h"
#include "post/post.h"
#include "train/predictor.h"

struct rules {
    float threshold, class_threshold;
    struct post_rule cleaning;     // of all classes; its thresholds are not read
    bool stored;                   // instead, each class by a rule of its own:
    struct post_rule classes[255]; // [class_count]
};
// Rules that the model file holds are in force unless there is a threshold, or several models are averaged. What else is given replaces
// its part of them. NEPHOS_ERROR_ARGUMENT where a parameter is out of its range, or not possible with this model.
enum nephos_status rules_make(const struct nephos_model *model, float threshold, float class_threshold,
                              const struct nephos_post_params *params, bool several, struct rules *rules);
// masks[class][height * width] of 0 and 1 from probs[height][width][class] in the network's size and class_probs[class], or NULL.
enum nephos_status rules_apply(const struct rules *rules, const struct meta *meta, struct nephos_log *log, const float *probs,
                               const float *class_probs, uint32_t height, uint32_t width, uint8_t *masks);
// How probable a class is in an image: by the classification head, or without one (NULL) as probable as its most probable pixel.
float rules_class_prob(const struct meta *meta, const float *probs, const float *class_probs, uint32_t class_index);

#endif
