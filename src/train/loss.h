// SPDX-License-Identifier: MIT
// The loss of a training: a weighted sum of terms (docs/losses.md).
#ifndef TRAIN_LOSS_H
#define TRAIN_LOSS_H

#include "net/net.h"
#include "train/setting.h"

#define LOSS_IGNORE_INDEX 255 // label byte of pixels without a class

struct loss_term {
    const char *name; // in --loss
    size_t weight;    // offset of the float in struct train_loss; 0 there: the term is not used
    const char *op;
    uint32_t region; // of region_loss
};
extern const struct loss_term loss_terms[]; // a row without a name at the end

// The row of a name of `length` characters, NULL if there is none.
const struct loss_term *loss_find(const char *name, size_t length);
float loss_weight(const struct train_loss *loss, const struct loss_term *term);
// Whether a pixel has one class (a softmax over them), else classes may overlap (a sigmoid each).
bool loss_is_multiclass(const struct train_loss *loss);
// Whether terms and weights go with each other and with data of so many classes, which exclude each other or not; `path` is the data's.
enum nephos_status loss_check(struct nephos_log *log, const struct train_loss *loss, bool exclusive, uint32_t class_count,
                              const char *path);
// Appends the terms and their sum: a scalar. `multiclass`: the target is an index per pixel.
op_id loss_add(struct net_graph *graph, const struct train_loss *loss, bool multiclass, op_id logits, op_id target);

#endif
