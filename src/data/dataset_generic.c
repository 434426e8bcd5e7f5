// SPDX-License-Identifier: MIT
// The generic layout: images/ and beside it masks/ (8-bit PNG, each pixel its class's index, 255 ignored) or masks_bits/ (bit c set where
// class c is), matched by name without extension, and classes.txt.
#include "base/file.h"
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

struct folders {
    char *images, *masks, *classes;
    struct data_names image_names, mask_names;
};

static void folders_free(struct folders *folders)
{
    free(folders->images);
    free(folders->masks);
    free(folders->classes);
    data_names_free(&folders->image_names);
    data_names_free(&folders->mask_names);
}

// Chooses between masks/ and masks_bits/.
static enum nephos_status choose_masks(struct data_set *set, struct folders *folders)
{
    enum nephos_status status = NEPHOS_OK;
    char *index = base_format("%s/masks", set->root), *bits = base_format("%s/masks_bits", set->root);
    if (!index || !bits) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    if (base_dir_exists(index) && base_dir_exists(bits))
        FAIL(set->log, NEPHOS_ERROR_DATA, "%s: has both masks/ and masks_bits/; keep the one to be used", set->root);
    set->exclusive = base_dir_exists(index);
    folders->masks = set->exclusive ? index : bits;
    free(set->exclusive ? bits : index);
    return NEPHOS_OK;
fail:
    free(index);
    free(bits);
    return status;
}

static enum nephos_status list_folders(struct data_set *set, struct folders *folders)
{
    enum nephos_status status = NEPHOS_OK;
    folders->images = base_format("%s/images", set->root);
    folders->classes = base_format("%s/classes.txt", set->root);
    if (!folders->images || !folders->classes) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    TRY(choose_masks(set, folders));
    if (!base_file_exists(folders->classes))
        FAIL(set->log, NEPHOS_ERROR_DATA, "%s: missing; it names the classes of the masks, one a line, index 0 first", folders->classes);
    TRY(data_names_list(set->log, folders->images, data_is_image_name, &folders->image_names));
    TRY(data_names_list(set->log, folders->masks, data_is_png_name, &folders->mask_names));
    if (folders->image_names.count == 0) FAIL(set->log, NEPHOS_ERROR_DATA, "%s: no .jpg, .jpeg or .png in it", folders->images);
fail:
    return status;
}

static int compare_stems(const void *a, const void *b)
{
    return data_stem_compare(*(char *const *)a, *(char *const *)b);
}

// Sorts by stem; two files with the same stem can't be told apart.
static enum nephos_status sort_by_stem(struct data_set *set, const char *folder, struct data_names *names)
{
    if (names->count == 0) return NEPHOS_OK;
    qsort(names->names, names->count, sizeof *names->names, compare_stems);
    for (uint32_t i = 1; i < names->count; i++)
        if (data_stem_compare(names->names[i - 1], names->names[i]) == 0)
            return base_fail(set->log, NEPHOS_ERROR_DATA, "%s: %s and %s differ in their extension only; masks are matched without it",
                             folder, names->names[i - 1], names->names[i]);
    return NEPHOS_OK;
}

static enum nephos_status make_sample(struct data_set *set, const struct folders *folders, const char *image, struct data_sample *sample)
{
    const enum nephos_status status = data_sample_name(set, sample, folders->images, image);
    if (status != NEPHOS_OK) return status;
    const struct data_names *masks = &folders->mask_names;
    char *const *found = masks->count > 0 ? bsearch(&image, masks->names, masks->count, sizeof *masks->names, compare_stems) : NULL;
    if (!found)
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s/%s: has no mask; expected %s/%.*s.png", folders->images, image, folders->masks,
                         (int)data_stem_length(image), image);
    sample->mask_path = base_format("%s/%s", folders->masks, *found);
    return sample->mask_path ? NEPHOS_OK : base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", folders->masks);
}

// Masks drawn as black and white hold 0 and 255, and 255 means ignored here: the set would train without any second class.
// A look at the first few is enough to tell.
static enum nephos_status warn_of_black_and_white(const struct data_set *set)
{
    enum { LOOK_AT = 8 };
    bool white = false;
    for (uint32_t i = 0; i < set->sample_count && i < LOOK_AT; i++) {
        struct data_image mask;
        const enum nephos_status status = data_mask_read(set->log, set->samples[i].mask_path, &mask);
        if (status != NEPHOS_OK) return status;
        const size_t pixels = (size_t)mask.height * mask.width;
        size_t p = 0;
        for (; p < pixels && (mask.pixels[p] == 0 || mask.pixels[p] == 255); p++) white |= mask.pixels[p] == 255;
        data_image_free(&mask);
        if (p < pixels) return NEPHOS_OK;
    }
    if (white)
        base_warn(set->log, "%s/masks: the first masks hold only 0 and 255; 255 is ignored, a second class is written as 1", set->root);
    return NEPHOS_OK;
}

enum nephos_status data_set_read_generic(struct data_set *set)
{
    enum nephos_status status = NEPHOS_OK;
    struct folders folders = {0};
    TRY(list_folders(set, &folders));
    TRY(data_classes_read(set, folders.classes, set->exclusive ? DATA_MAX_EXCLUSIVE : DATA_MAX_OVERLAPPING));
    if (set->exclusive && set->class_count < 2)
        FAIL(set->log, NEPHOS_ERROR_DATA, "%s: names one class; masks/ needs at least 2, every pixel being of exactly one",
             folders.classes);
    TRY(data_samples_allocate(set, folders.image_names.count));
    TRY(sort_by_stem(set, folders.masks, &folders.mask_names));
    for (uint32_t i = 0; i < set->sample_count; i++) TRY(make_sample(set, &folders, folders.image_names.names[i], &set->samples[i]));
    TRY(sort_by_stem(set, folders.images, &folders.image_names));
    if (folders.mask_names.count > set->sample_count)
        base_warn(set->log, "%s: %u of %u masks have no image and are not used", folders.masks,
                  folders.mask_names.count - set->sample_count, folders.mask_names.count);
    if (set->exclusive) TRY(warn_of_black_and_white(set));
fail:
    folders_free(&folders);
    return status;
}
