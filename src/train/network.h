// SPDX-License-Identifier: MIT
// A model with what surrounds it: unpacking and padding in front, cropping, loss, metrics or probabilities behind; ready to run.
#ifndef TRAIN_NETWORK_H
#define TRAIN_NETWORK_H

#include "model/model.h"
#include "train/setting.h"

enum network_purpose {
    NETWORK_TRAIN,    // loss, gradients, optimizer, metrics
    NETWORK_VALIDATE, // loss and metrics with running statistics
    NETWORK_PREDICT,  // probabilities {N, H, W, classes}
};
struct network_spec {
    enum network_purpose purpose;
    struct model_config model;
    uint32_t batch, height, width; // of the images as the loader gives them; padded inside
    uint32_t step_images; // of a whole training step, of which `batch` is a part: gradients are added up; 0: the batch is whole
    bool exclusive;    // softmax over the classes; else a sigmoid each
    bool label_index;  // the label byte is a class index (255: none); else one bit per class
    struct train_loss loss;
    float class_head;  // weight of the classification head's loss, where spec.model has one
    float threshold;   // of the metrics
    float mean[3], std[3];
    bool augment;      // images and labels are changed on the way in, as records say
    uint32_t changes;  // flags that records may have then, see augment.h
    bool unfused;      // plain operators only
    enum net_prologues prologues; // of fused operators
    bool recompute;    // cheap tensors are made again in the backward pass instead of kept
    enum train_precision precision; // kernels may round operands to that; with halves a loss to be differentiated is scaled
    enum gpu_type storage;          // of activations; the same goes for the loss
};
struct network {
    struct network_spec spec;
    struct net_graph *graph;
    struct net_exec *exec;
    op_id pixels, flags;  // inputs: words, see unpack_image
    op_id records;        // instead of flags where images are augmented, see op augment; else OP_NONE
    op_id loss, metrics;  // outputs; OP_NONE where the purpose has none
    op_id probs;
    // With a classification head, {N, 1, 1, classes}: probabilities that the image has the class (validation, prediction), and 1 where it
    // has, else 0 (validation).
    op_id class_probs, presence;
};
// Builds the graph only: enough to plan memory, or to create the store.
enum nephos_status network_build(struct nephos_log *log, const struct gpu_limits *limits, const struct network_spec *spec,
                                 struct network **network);
// Takes memory and records. `optimizer` for NETWORK_TRAIN, else NULL.
enum nephos_status network_prepare(struct network *network, struct gpu *gpu, struct net_store *store,
                                   const struct net_optimizer *optimizer);
// The same, with activations in the memory of `lender`, which outlives this network and never runs at the same time.
enum nephos_status network_prepare_beside(struct network *network, struct gpu *gpu, struct net_store *store,
                                          const struct net_optimizer *optimizer, const struct network *lender);
void network_destroy(struct network **network);

#endif
