// SPDX-License-Identifier: MIT
#include "train/tally.h"

#include "base/file.h"
#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum nephos_status tally_create(struct nephos_log *log, uint32_t class_count, bool exclusive, struct tally *tally)
{
    *tally = (struct tally){.class_count = class_count, .exclusive = exclusive};
    tally->classes = calloc(class_count, sizeof *tally->classes);
    return tally->classes ? NEPHOS_OK : base_fail(log, NEPHOS_ERROR_MEMORY, "scores: out of memory");
}

void tally_free(struct tally *tally)
{
    free(tally->classes);
    *tally = (struct tally){0};
}

void tally_reset(struct tally *tally)
{
    tally->image_count = 0;
    if (tally->classes) memset(tally->classes, 0, tally->class_count * sizeof *tally->classes);
}

void tally_add(struct tally *tally, uint32_t class_index, uint64_t tp, uint64_t fp, uint64_t fn, uint64_t tn)
{
    struct tally_class *c = &tally->classes[class_index];
    c->tp += tp;
    c->fp += fp;
    c->fn += fn;
    c->tn += tn;
    c->empty += tp + fn == 0;
    const uint64_t either = 2 * tp + fp + fn;
    c->dice += either ? 2 * (double)tp / (double)either : 1;
}

void tally_next_image(struct tally *tally)
{
    tally->image_count++;
}

void tally_add_masks(struct tally *tally, const uint8_t *masks, const uint8_t *labels, bool index, size_t pixels)
{
    for (uint32_t c = 0; c < tally->class_count; c++, masks += pixels) {
        uint64_t counts[2][2] = {{0}}; // [truth][prediction]
        for (size_t i = 0; i < pixels; i++) {
            if (index && labels[i] == 255) continue;
            counts[index ? labels[i] == c : labels[i] >> c & 1][masks[i]]++;
        }
        tally_add(tally, c, counts[1][1], counts[0][1], counts[1][0], counts[0][0]);
    }
    tally_next_image(tally);
}

void tally_add_words(struct tally *tally, const uint32_t *words)
{
    for (uint32_t c = 0; c < tally->class_count; c++, words += 8) tally_add(tally, c, words[0], words[1], words[2], words[3]);
    tally_next_image(tally);
}

static double mean_over_images(const struct tally *tally, double sum)
{
    return tally->image_count ? sum / ((double)tally->image_count * tally->class_count) : NAN;
}

double tally_dice(const struct tally *tally)
{
    double sum = 0;
    for (uint32_t c = 0; c < tally->class_count; c++) sum += tally->classes[c].dice;
    return mean_over_images(tally, sum);
}

double tally_predict_nothing(const struct tally *tally)
{
    double sum = 0;
    for (uint32_t c = 0; c < tally->class_count; c++) sum += (double)tally->classes[c].empty;
    return mean_over_images(tally, sum);
}

static double iou(const struct tally_class *c)
{
    const uint64_t either = c->tp + c->fp + c->fn;
    return either ? (double)c->tp / (double)either : NAN;
}

double tally_mean_iou(const struct tally *tally)
{
    double sum = 0;
    uint32_t count = 0;
    for (uint32_t c = 0; c < tally->class_count; c++) {
        const double value = iou(&tally->classes[c]);
        if (isnan(value)) continue;
        sum += value;
        count++;
    }
    return count ? sum / count : NAN;
}

double tally_accuracy(const struct tally *tally)
{
    double right = 0, all = 0;
    for (uint32_t c = 0; c < tally->class_count; c++) {
        const struct tally_class *k = &tally->classes[c];
        right += (double)k->tp + (tally->exclusive ? 0 : (double)k->tn);
        all += (double)k->tp + (double)k->fn + (tally->exclusive ? 0 : (double)k->fp + (double)k->tn);
    }
    return all > 0 ? right / all : NAN;
}

static void class_scores(const struct tally *tally, uint32_t class_index, struct nephos_class_scores *scores)
{
    const struct tally_class *c = &tally->classes[class_index];
    const double images = (double)tally->image_count;
    *scores = (struct nephos_class_scores){
        .dice = images > 0 ? c->dice / images : NAN,
        .iou = iou(c),
        .predict_nothing = images > 0 ? (double)c->empty / images : NAN,
        .tp = c->tp,
        .fp = c->fp,
        .fn = c->fn,
        .tn = c->tn,
        .pr_auc = NAN,
        .roc_auc = NAN,
    };
}

enum nephos_status tally_scores(const struct tally *tally, struct nephos_log *log, struct nephos_scores *scores)
{
    struct nephos_class_scores *classes = calloc(tally->class_count, sizeof *classes);
    if (!classes) return base_fail(log, NEPHOS_ERROR_MEMORY, "scores: out of memory");
    for (uint32_t c = 0; c < tally->class_count; c++) class_scores(tally, c, &classes[c]);
    *scores = (struct nephos_scores){
        .image_count = tally->image_count,
        .class_count = tally->class_count,
        .dice = tally_dice(tally),
        .mean_iou = tally_mean_iou(tally),
        .accuracy = tally_accuracy(tally),
        .predict_nothing = tally_predict_nothing(tally),
        .pr_auc = NAN,
        .roc_auc = NAN,
        .classes = classes,
    };
    return NEPHOS_OK;
}

void nephos_scores_free(struct nephos_scores *scores)
{
    if (!scores) return;
    free(scores->classes);
    *scores = (struct nephos_scores){0};
}

char *tally_format(const struct tally *tally)
{
    char *text = base_format("%" PRIu64, tally->image_count);
    for (uint32_t i = 0; text && i < tally->class_count; i++) {
        const struct tally_class *c = &tally->classes[i];
        char *longer = base_format("%s %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %a", text, c->tp, c->fp, c->fn, c->tn,
                                   c->empty, c->dice);
        free(text);
        text = longer;
    }
    return text;
}

bool tally_parse(struct tally *tally, const char *text)
{
    char *end;
    if (!base_parse_digits(text, &end, &tally->image_count)) return false;
    for (uint32_t i = 0; i < tally->class_count; i++) {
        struct tally_class *c = &tally->classes[i];
        uint64_t *const counts[] = {&c->tp, &c->fp, &c->fn, &c->tn, &c->empty};
        for (size_t k = 0; k < ARRAY_COUNT(counts); k++)
            if (*end != ' ' || !base_parse_digits(end + 1, &end, counts[k])) return false;
        const char *start = end;
        c->dice = base_parse_double(start, &end);
        if (*start != ' ' || end == start) return false;
    }
    return *end == '\0';
}
