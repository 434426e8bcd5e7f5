// SPDX-License-Identifier: MIT
// A model file turned into a network that gives probabilities.
#ifndef TRAIN_PREDICTOR_H
#define TRAIN_PREDICTOR_H

#include "train/meta.h"
#include "train/network.h"

struct predictor {
    struct gpu *gpu;
    struct meta meta;
    char *file;
    char *folder;  // of the model file: a run directory has split.csv there
    struct net_store *store;
    enum train_precision precision;
    struct network *network; // for `batch` images, made by predictor_prepare
    uint32_t batch;
    uint64_t parameter_count;
};
// `path`: a model file, or a run directory (its best.safetensors).
enum nephos_status predictor_create(struct gpu *gpu, const char *path, struct predictor **predictor);
void predictor_destroy(struct predictor **predictor);
// The classification head's class_probs[class] of image number `image` of a batch that was waited for; NULL without such a head.
const float *predictor_class_probs(const struct predictor *predictor, uint32_t slot, uint32_t image);
// What convolutions round their operands to from now on, as precision_parse reads it; at first they don't round.
enum nephos_status predictor_set_precision(struct predictor *predictor, const char *precision);
// The batch for `count` images: `wanted`, 0 for a default, NEPHOS_BATCH_AUTO for what fits the device (the choice is told); not above
// `count`.
enum nephos_status predictor_batch(const struct predictor *predictor, uint32_t wanted, uint32_t count, uint32_t *batch);
// Makes the network for batches of `batch` images, unless it is there.
enum nephos_status predictor_prepare(struct predictor *predictor, uint32_t batch);

// From the probabilities of one image, probs[height][width][class] in the network's size, to masks[class][out_height * out_width] of
// 0 and 1 in any other size: enlarged bilinearly, then compared with `threshold` (0: the model's own), or with each other.
enum nephos_status predictor_masks(const struct meta *meta, struct nephos_log *log, const float *probs, float threshold,
                                   uint32_t out_height, uint32_t out_width, uint8_t *masks);
// Clears the masks[class][pixels] of classes whose class_probs[class] is below the threshold; 0: none. NEPHOS_ERROR_ARGUMENT where the
// model has no classification head (class_probs NULL) and the threshold is not 0.
enum nephos_status predictor_veto(const struct meta *meta, struct nephos_log *log, const float *class_probs, float class_threshold,
                                  size_t pixels, uint8_t *masks);
// masks[class][pixels] as label bytes: with `exclusive` the class index (255: none), else one bit per class.
void predictor_labels(const uint8_t *masks, uint32_t class_count, size_t pixels, bool exclusive, uint8_t *labels);
// One class's probabilities as a plane of another size.
enum nephos_status predictor_plane(const struct meta *meta, struct nephos_log *log, const float *probs, uint32_t class_index,
                                   uint32_t out_height, uint32_t out_width, float *plane);

#endif
