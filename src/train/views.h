// SPDX-License-Identifier: MIT
// Test-time augmentation: a network sees every image in several views; its probabilities, brought back into place, are averaged.
// Ensembles: so are the probabilities of several networks.
#ifndef TRAIN_VIEWS_H
#define TRAIN_VIEWS_H

#include "data/data.h"
#include "train/predictor.h"

#define VIEWS_OTHERS 31

// Views are numbered: bit 0 mirrors left and right, bit 1 top and bottom; 0 is the image itself.
struct views {
    struct predictor *predictor;
    struct predictor *others[VIEWS_OTHERS];
    uint32_t other_count;
    uint32_t count;                   // 1 or 4
    float *sums[2], *class_sums[2];   // of the views 0 and 1, and of 2 and 3
    float *total, *class_total;       // of several models
    const float *probs, *class_probs; // of the last batch; class_probs NULL without a classification head
};
// The views that `tta` asks for: "none" (or NULL) 1, "flips" 4; NEPHOS_ERROR_ARGUMENT for any other name.
enum nephos_status views_start(struct predictor *predictor, const char *tta, struct views *views);
// A further model, averaged with the others: NEPHOS_ERROR_ARGUMENT unless input size, classes and heads are the same.
enum nephos_status views_add(struct views *views, struct predictor *other);
// Once the first predictor is prepared, and stays so until views_close: prepares the others for the same batch.
enum nephos_status views_open(struct views *views);
void views_close(struct views *views);
// After the batch itself has run in `slot`: runs its other views there, one after the other. The mean of a mirrored image is exactly the
// mirrored mean of the image.
enum nephos_status views_average(struct views *views, uint32_t slot, const struct data_batch *batch);
// probs[height][width][class] and class_probs[class] of image number `image` of that batch, until the next one.
const float *views_probs(const struct views *views, uint32_t image);
const float *views_class_probs(const struct views *views, uint32_t image);

#endif
