// SPDX-License-Identifier: MIT
// What evaluation and the search for rules have in common: labelled images of a split, and a model's probabilities of them.
#ifndef NEPHOS_EVALUATION_H
#define NEPHOS_EVALUATION_H

#include "data/data.h"
#include "nephos_rules.h"
#include "train/views.h"

struct evaluated;
struct evaluation {
    struct nephos_log *log;
    struct predictor *predictor;
    struct views views;
    struct data_set *set;
    uint32_t *order, count; // the images of the split
    uint32_t threads;
    uint64_t done, total; // images of all passes together
    nephos_progress_fn progress;
    void *user;
    double started;
    // Called for each image of a pass, in order.
    enum nephos_status (*add)(struct evaluation *evaluation, const struct evaluated *image);
    void *adds_to; // its own
};
struct evaluated {
    uint32_t position;                // in the order of this pass
    const float *probs, *class_probs; // as rules_apply takes them
    uint8_t *labels;                  // [height * width] in the image's own size
    uint32_t height, width;
};
// Opens the data, chooses the images and prepares the model; evaluation_close in any case.
enum nephos_status evaluation_open(struct evaluation *evaluation, struct nephos_model *model, const struct nephos_evaluate_params *params);
enum nephos_status evaluation_pass(struct evaluation *evaluation, const uint32_t *order, uint32_t count);
void evaluation_close(struct evaluation *evaluation);

#endif
