// SPDX-License-Identifier: MIT
// The numbers of an augmentation, as set or as its preset has them.
#ifndef TRAIN_AUGMENT_SETTING_H
#define TRAIN_AUGMENT_SETTING_H

#include "base/status.h"

enum train_augment_preset { TRAIN_AUGMENT_NONE, TRAIN_AUGMENT_LIGHT, TRAIN_AUGMENT_CLOUDS, TRAIN_AUGMENT_STRONG };
#define TRAIN_AUGMENT_PRESETS "none|light|clouds|strong"

struct train_augment {
#define AUGMENT(member, ...) float member;
#include "train/augment.def"
#undef AUGMENT
    uint32_t grid_cells, elastic_cells, dropout_holes; // along a side; along a side; the most in an image
};
// Numbers that are NAN get what the preset says.
void augment_take_preset(struct train_augment *augment, enum train_augment_preset preset);
// Whether anything can happen: else an image is unpacked, with its flips, and that is all.
bool augment_is_on(const struct train_augment *augment);
// Flags that records of these settings may have (augment.h).
uint32_t augment_changes(const struct train_augment *augment);
// Whether images may meet others of their batch.
bool augment_mixes(const struct train_augment *augment);

#endif
