// SPDX-License-Identifier: MIT
// A data set: what both layouts share, and the labels of a sample.
#include "data/dataset.h"

#include "base/file.h"
#include "data/rle.h"

#include <stdlib.h>
#include <string.h>

// --- samples ----------------------------------------------------------------------------------------------------------

enum nephos_status data_samples_allocate(struct data_set *set, uint32_t count)
{
    set->samples = calloc(count ? count : 1, sizeof *set->samples);
    if (!set->samples) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory for %u samples", set->root, count);
    set->sample_count = count;
    for (uint32_t i = 0; i < count; i++) set->samples[i].split = DATA_NONE;
    return NEPHOS_OK;
}

enum nephos_status data_sample_name(struct data_set *set, struct data_sample *sample, const char *folder, const char *name)
{
    sample->name = strdup(name);
    sample->path = base_format("%s/%s", folder, name);
    if (!sample->name || !sample->path) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s/%s: out of memory", folder, name);
    return NEPHOS_OK;
}

// --- opening and closing ----------------------------------------------------------------------------------------------

enum nephos_status data_set_new(struct nephos_log *log, const char *root, struct data_set **set)
{
    struct data_set *created = calloc(1, sizeof *created);
    if (created) created->root = strdup(root);
    if (!created || !created->root) {
        free(created);
        return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", root);
    }
    created->log = log;
    size_t length = strlen(root);
    while (length > 1 && root[length - 1] == '/') created->root[--length] = '\0';
    *set = created;
    return NEPHOS_OK;
}

static enum nephos_status read_layout(struct data_set *set, const char *csv, const char *masks)
{
    char *bits = base_format("%s_bits", masks);
    if (!bits) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    const bool generic = base_dir_exists(masks) || base_dir_exists(bits);
    free(bits);
    if (base_file_exists(csv)) return data_set_read_competition(set, csv);
    if (generic) return data_set_read_generic(set);
    return base_fail(set->log, NEPHOS_ERROR_DATA,
                     "%s: no data set; expected train.csv with images/, or images/ with masks/ (or masks_bits/) and classes.txt",
                     set->root);
}

enum nephos_status data_set_open(struct nephos_log *log, const char *root, struct data_set **set)
{
    enum nephos_status status = NEPHOS_OK;
    struct data_set *opened = NULL;
    char *csv = NULL, *masks = NULL, *split = NULL;
    if (!base_dir_exists(root)) return base_fail(log, NEPHOS_ERROR_FILE, "%s: there is no such folder", root);
    TRY(data_set_new(log, root, &opened));
    csv = base_format("%s/train.csv", opened->root);
    masks = base_format("%s/masks", opened->root);
    split = base_format("%s/split.csv", opened->root);
    if (!csv || !masks || !split) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", root);
    TRY(read_layout(opened, csv, masks));
    if (base_file_exists(split)) {
        TRY(data_split_load(opened, split));
        opened->has_split = true;
    }
    *set = opened;
    opened = NULL;
fail:
    data_set_close(&opened);
    free(csv);
    free(masks);
    free(split);
    return status;
}

void data_set_close(struct data_set **set)
{
    if (!set || !*set) return;
    struct data_set *s = *set;
    for (uint32_t i = 0; i < s->sample_count; i++) {
        free(s->samples[i].name);
        free(s->samples[i].path);
        free(s->samples[i].mask_path);
    }
    for (uint32_t i = 0; i < s->class_count; i++) free(s->classes[i]);
    free(s->samples);
    free(s->classes);
    free(s->text);
    free(s->rle_table);
    free(s->line_table);
    free(s->root);
    free(s);
    *set = NULL;
}

// --- labels -----------------------------------------------------------------------------------------------------------

static enum nephos_status labels_from_rle(const struct data_set *set, const struct data_sample *sample, uint32_t height, uint32_t width,
                                          uint8_t *labels)
{
    memset(labels, 0, (size_t)height * width);
    for (uint32_t c = 0; c < set->class_count; c++) {
        if (!*sample->rle[c]) continue;
        char where[4096];
        snprintf(where, sizeof where, "%s/train.csv:%u: image %s (%u x %u), class %s", set->root, sample->rle_line[c], sample->name, height,
                 width, set->classes[c]);
        const enum nephos_status status = data_rle_mark(set->log, where, sample->rle[c], height, width, (uint8_t)(1u << c), labels);
        if (status != NEPHOS_OK) return status;
    }
    return NEPHOS_OK;
}

static bool value_allowed(const struct data_set *set, uint8_t value)
{
    if (set->exclusive) return value < set->class_count || value == 255;
    return value >> set->class_count == 0;
}

// Reads a mask file and checks its values.
static enum nephos_status read_mask(const struct data_set *set, const struct data_sample *sample, struct data_image *mask)
{
    enum nephos_status status = data_mask_read(set->log, sample->mask_path, mask);
    if (status != NEPHOS_OK) return status;
    const size_t pixels = (size_t)mask->height * mask->width;
    size_t i = 0;
    while (i < pixels && value_allowed(set, mask->pixels[i])) i++;
    if (i == pixels) return NEPHOS_OK;
    status = base_fail(set->log, NEPHOS_ERROR_DATA, "%s: row %zu, column %zu: value %u; with %u classes %s", sample->mask_path,
                       i / mask->width, i % mask->width, mask->pixels[i], set->class_count,
                       set->exclusive ? "indices below that and 255 (ignored) are allowed" : "only as many low bits may be set");
    data_image_free(mask);
    return status;
}

static enum nephos_status labels_from_mask(const struct data_set *set, const struct data_sample *sample, uint32_t height, uint32_t width,
                                           uint8_t *labels)
{
    struct data_image mask;
    enum nephos_status status = read_mask(set, sample, &mask);
    if (status != NEPHOS_OK) return status;
    if (mask.height == height && mask.width == width)
        memcpy(labels, mask.pixels, (size_t)height * width);
    else
        status = base_fail(set->log, NEPHOS_ERROR_DATA, "%s: is %u x %u, its image %s is %u x %u (height x width); they must be equal",
                           sample->mask_path, mask.height, mask.width, sample->name, height, width);
    data_image_free(&mask);
    return status;
}

enum nephos_status data_set_labels(const struct data_set *set, uint32_t sample, uint32_t height, uint32_t width, uint8_t *labels)
{
    const struct data_sample *s = &set->samples[sample];
    if (s->rle) return labels_from_rle(set, s, height, width, labels);
    if (s->mask_path) return labels_from_mask(set, s, height, width, labels);
    return base_fail(set->log, NEPHOS_ERROR_DATA, "%s: has no labels", s->path);
}

static uint64_t bits_of_mask(const struct data_set *set, const struct data_image *mask)
{
    const size_t pixels = (size_t)mask->height * mask->width;
    bool seen[256] = {false};
    for (size_t i = 0; i < pixels; i++) seen[mask->pixels[i]] = true;
    uint64_t bits = 0;
    const uint32_t end = set->exclusive ? 255 : 256; // 255 is no class where values are indices
    for (uint32_t value = 0; value < end; value++) {
        if (!seen[value]) continue;
        bits |= set->exclusive ? (uint64_t)1 << (value < 63 ? value : 63) : value;
    }
    return bits;
}

enum nephos_status data_set_classes_present(const struct data_set *set, uint32_t sample, uint64_t *bits)
{
    const struct data_sample *s = &set->samples[sample];
    *bits = 0;
    if (s->rle) {
        for (uint32_t c = 0; c < set->class_count; c++)
            if (*s->rle[c]) *bits |= (uint64_t)1 << c;
        return NEPHOS_OK;
    }
    if (!s->mask_path) return base_fail(set->log, NEPHOS_ERROR_DATA, "%s: has no labels", s->path);
    struct data_image mask;
    const enum nephos_status status = read_mask(set, s, &mask);
    if (status != NEPHOS_OK) return status;
    *bits = bits_of_mask(set, &mask);
    data_image_free(&mask);
    return NEPHOS_OK;
}
