// SPDX-License-Identifier: MIT
#include "analyze/measure.h"
#include "data/rle.h"

#include <stdio.h>
#include <string.h>

static enum nephos_status labels_from_codes(const struct data_set *set, const struct data_sample *sample, uint32_t height, uint32_t width,
                                            uint8_t *labels, struct defects *defects)
{
    memset(labels, 0, (size_t)height * width);
    for (uint32_t c = 0; c < set->class_count; c++) {
        if (!*sample->rle[c]) continue;
        char where[4096];
        snprintf(where, sizeof where, "image %s (%u x %u), class %s", sample->name, height, width, set->classes[c]);
        if (data_rle_mark(set->log, where, sample->rle[c], height, width, (uint8_t)(1u << c), labels) == NEPHOS_OK) continue;
        // That it is a code was seen when its row was read.
        defects_add_message(defects, DEFECT_RLE_RANGE, "train.csv", sample->rle_line[c], "", nephos_last_error(set->log));
    }
    return NEPHOS_OK;
}

// Pixels of each value; those of no class are taken out.
static void check_values(const struct data_set *set, const char *file, uint8_t *labels, size_t pixels, struct defects *defects)
{
    size_t counts[256] = {0}, bad = 0;
    for (size_t i = 0; i < pixels; i++)
        counts[labels[i]]++;
    if (set->exclusive && counts[0] + counts[255] == pixels && counts[255])
        defects_add(defects, DEFECT_BLACK_AND_WHITE, file, 0, "holds 0 and 255 only; 255 is ignored, a second class is written as 1");
    uint32_t first = 256;
    for (uint32_t value = 256; value-- > 0;) {
        const bool allowed = set->exclusive ? value < set->class_count || value == 255 : value >> set->class_count == 0;
        if (allowed || !counts[value]) continue;
        bad += counts[value];
        first = value;
    }
    if (!bad) return;
    defects_add(defects, DEFECT_MASK_VALUE, file, 0, "%zu pixels of no class, the least value is %u; with %u classes %s", bad, first,
                set->class_count, set->exclusive ? "indices below that and 255 (ignored) are allowed" : "only as many low bits may be set");
    const uint8_t known = (uint8_t)((1u << (set->class_count < 8 ? set->class_count : 8)) - 1);
    for (size_t i = 0; i < pixels; i++) {
        if (!set->exclusive)
            labels[i] &= known;
        else if (labels[i] >= set->class_count)
            labels[i] = 255;
    }
}

static enum nephos_status labels_from_mask(const struct data_set *set, const struct data_sample *sample, uint32_t height, uint32_t width,
                                           uint8_t *labels, struct defects *defects, bool *present)
{
    const char *file = measure_relative(set, sample->mask_path);
    struct data_image mask = {0};
    *present = false;
    const enum nephos_status status = data_mask_read(set->log, sample->mask_path, &mask);
    if (status == NEPHOS_ERROR_MEMORY) return status;
    if (status != NEPHOS_OK) {
        defects_add_message(defects, DEFECT_MASK, file, 0, sample->mask_path, nephos_last_error(set->log));
        return NEPHOS_OK;
    }
    *present = mask.height == height && mask.width == width;
    if (*present) {
        memcpy(labels, mask.pixels, (size_t)height * width);
        check_values(set, file, labels, (size_t)height * width, defects);
    } else {
        defects_add(defects, DEFECT_MASK_SIZE, file, 0, "is %u x %u, its image %s is %u x %u (height x width); they must be equal",
                    mask.height, mask.width, sample->name, height, width);
    }
    data_image_free(&mask);
    return NEPHOS_OK;
}

enum nephos_status measure_labels(const struct data_set *set, uint32_t sample, uint32_t height, uint32_t width, uint8_t *labels,
                                  struct defects *defects, bool *present)
{
    const struct data_sample *s = &set->samples[sample];
    *present = s->rle || s->mask_path;
    if (s->rle) return labels_from_codes(set, s, height, width, labels, defects);
    if (s->mask_path) return labels_from_mask(set, s, height, width, labels, defects, present);
    return NEPHOS_OK;
}
