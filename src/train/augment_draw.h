// SPDX-License-Identifier: MIT
// What happens to a training image in an epoch: drawn from (seed, epoch, sample), so that neither the batch it is in, nor threads, nor an
// interruption change it. Only who its partner in mixup and cutmix is depends on the batch.
#ifndef TRAIN_AUGMENT_DRAW_H
#define TRAIN_AUGMENT_DRAW_H

#include "augment.h"
#include "train/setting.h"

struct augment_source {
    const struct train_augment *settings;
    uint32_t flip; // enum train_flip: which flips happen, each to half of the images
    uint64_t seed;
    uint32_t epoch;
    uint32_t height, width; // of the images as the network gets them, in pixels
};
// Bits of unpack_image's flags.
uint32_t augment_flips(const struct augment_source *source, uint32_t sample);
// One image's record, without a partner.
void augment_draw(const struct augment_source *source, uint32_t sample, struct augment_record *record);
// The records of a batch, partners among its images; with a single image there is no mixing.
void augment_draw_batch(const struct augment_source *source, const uint32_t *samples, uint32_t count, struct augment_record *records);
// Whether images of batches of `batch` with such labels can be mixed as the settings want; fails with a message that says what to do.
enum nephos_status augment_check(struct nephos_log *log, const struct train_augment *settings, bool one_class, uint32_t batch);

#endif
