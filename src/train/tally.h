// SPDX-License-Identifier: MIT
// Adds up what the metrics operator counts per image and class, and derives the scores.
#ifndef TRAIN_TALLY_H
#define TRAIN_TALLY_H

#include "base/status.h"

struct tally_class {
    uint64_t tp, fp, fn, tn; // pixels
    double dice;             // sum over images; 1 for an image where class and prediction are both empty
    uint64_t empty;          // images without the class
};
struct tally {
    uint32_t class_count;
    bool exclusive; // one class per pixel: accuracy counts each pixel once
    uint64_t image_count;
    struct tally_class *classes;
};
enum nephos_status tally_create(struct nephos_log *log, uint32_t class_count, bool exclusive, struct tally *tally);
void tally_free(struct tally *tally);
void tally_reset(struct tally *tally);
// Pixels of one image and class; call tally_next_image after all classes of an image.
void tally_add(struct tally *tally, uint32_t class_index, uint64_t tp, uint64_t fp, uint64_t fn, uint64_t tn);
void tally_next_image(struct tally *tally);
// One image's masks[class][pixels] of 0 and 1 against its label bytes: with `index` the class's index (255: no label, such pixels
// don't count), else one bit per class.
void tally_add_masks(struct tally *tally, const uint8_t *masks, const uint8_t *labels, bool index, size_t pixels);
// One image's words as the metrics operator writes them: [class_count][8].
void tally_add_words(struct tally *tally, const uint32_t *words);
double tally_dice(const struct tally *tally);     // mean over image x class
double tally_mean_iou(const struct tally *tally); // mean over the classes that occur; NAN if none does
double tally_accuracy(const struct tally *tally); // share of pixels decided right
double tally_predict_nothing(const struct tally *tally); // the Dice of predicting no class anywhere
// All of them; freed by nephos_scores_free.
enum nephos_status tally_scores(const struct tally *tally, struct nephos_log *log, struct nephos_scores *scores);
// Exact text form, for checkpoints; parse fails on anything else.
char *tally_format(const struct tally *tally); // malloc'ed, NULL: memory is out
bool tally_parse(struct tally *tally, const char *text);

#endif
