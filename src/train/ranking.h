// SPDX-License-Identifier: MIT
// How well scores tell images that have a class from those without, whatever the threshold: areas under the precision-recall curve and
// under the receiver operating characteristic.
#ifndef TRAIN_RANKING_H
#define TRAIN_RANKING_H

#include "base/status.h"

struct ranking_image { // of one class
    float score; // probability that the image has the class
    bool present;
};
struct ranking {
    uint32_t class_count, image_count, capacity;
    struct ranking_image *images; // [image][class]
};
enum nephos_status ranking_create(struct nephos_log *log, uint32_t class_count, uint32_t capacity, struct ranking *ranking);
void ranking_free(struct ranking *ranking);
void ranking_reset(struct ranking *ranking);
// scores[class_count] 0..1, presence[class_count]: 1 where the image has the class, else 0. Images above the capacity are left out.
void ranking_add(struct ranking *ranking, const float *scores, const float *presence);

struct ranking_areas {
    double pr;  // average precision: sum over thresholds of (R_n - R_{n-1}) P_n (Zhu 2004; scikit-learn's average_precision_score)
    double roc; // probability that an image with the class has the higher score; equal scores count one half (Mann & Whitney 1947)
};
// NAN where all images have the class, or none has it; pr needs one that has it only.
struct ranking_areas ranking_class(const struct ranking *ranking, uint32_t class_index);
// Mean over the classes where they are not NAN.
struct ranking_areas ranking_mean(const struct ranking *ranking);

#endif
