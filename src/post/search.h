// SPDX-License-Identifier: MIT
// The best rule per class on labelled images: each pixel threshold with each least area and each class threshold of a grid is tried, and
// judged by the competition's Dice: its mean over the images, 1 where prediction and truth are both empty.
#ifndef POST_SEARCH_H
#define POST_SEARCH_H

#include "post/post.h"

struct post_search_params {
    uint32_t class_count;
    uint32_t height, width; // of the probabilities; least areas are in its pixels
    // Kept in every rule that is tried, but for the first one: `threshold` alone, without holes filled and without a shape. It is kept
    // unless another is better.
    float threshold;
    enum post_shape shape;
    bool fill_holes;
};
struct post_search;
enum nephos_status post_search_create(struct nephos_log *log, const struct post_search_params *params, struct post_search **search);
void post_search_destroy(struct post_search **search);
// One class of one image: probs[height * width], truth[height * width] of 0 and 1, and how probable the class is in it.
enum nephos_status post_search_add(struct post_search *search, uint32_t class_index, const float *probs, float class_prob,
                                   const uint8_t *truth);
// The rule of a class with the highest Dice on the images so far, and that Dice. Of equal ones the plain rule, else the first.
void post_search_best(const struct post_search *search, uint32_t class_index, struct post_rule *rule, double *dice);

#endif
