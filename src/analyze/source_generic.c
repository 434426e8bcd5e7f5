// SPDX-License-Identifier: MIT
// The layout with mask images, file by file.
#include "analyze/source.h"

#include "base/file.h"
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

struct folders {
    char *images, *masks;
    struct data_names image_names, mask_names; // masks by stem
};

static enum nephos_status choose_masks(struct source *source, struct folders *folders)
{
    struct data_set *set = source->set;
    char *indices = base_format("%s/masks", set->root), *bits = base_format("%s/masks_bits", set->root);
    if (!indices || !bits) {
        free(indices);
        free(bits);
        return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    }
    set->exclusive = base_dir_exists(indices);
    if (set->exclusive && base_dir_exists(bits))
        defects_add(&source->defects, DEFECT_SAME_NAME, "masks_bits", 0, "there is masks/, too, which is looked at here; keep one of them");
    folders->masks = set->exclusive ? indices : bits;
    free(set->exclusive ? bits : indices);
    return NEPHOS_OK;
}

static enum nephos_status read_classes(struct source *source)
{
    struct data_set *set = source->set;
    char *path = base_format("%s/classes.txt", set->root);
    if (!path) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    enum nephos_status status = NEPHOS_OK;
    if (!base_file_exists(path))
        FAIL(set->log, NEPHOS_ERROR_DATA, "%s: missing; it names the classes of the masks, one a line, index 0 first", path);
    status = data_classes_read(set, path, set->exclusive ? DATA_MAX_EXCLUSIVE : DATA_MAX_OVERLAPPING);
    if (status == NEPHOS_ERROR_DATA && set->class_count) { // the names above the bad one are in force
        source_add_message(source, DEFECT_CLASS, path, 0);
        status = NEPHOS_OK;
    }
fail:
    free(path);
    return status;
}

static int compare_stems(const void *a, const void *b)
{
    return data_stem_compare(*(char *const *)a, *(char *const *)b);
}

static int compare_stems_and_names(const void *a, const void *b)
{
    const int order = compare_stems(a, b);
    return order != 0 ? order : strcmp(*(char *const *)a, *(char *const *)b);
}

// Files whose names differ in the extension only.
static void find_same_names(struct source *source, const char *folder, const struct data_names *by_stem)
{
    for (uint32_t i = 1; i < by_stem->count; i++) {
        if (data_stem_compare(by_stem->names[i - 1], by_stem->names[i]) != 0) continue;
        char *file = base_format("%s/%s", source_relative(source, folder), by_stem->names[i]);
        defects_add(&source->defects, DEFECT_SAME_NAME, file ? file : "", 0,
                    "differs from %s in its extension only; masks are matched "
                    "without it",
                    by_stem->names[i - 1]);
        source->defects.failed |= !file;
        free(file);
    }
}

static const char *find_by_stem(const struct data_names *by_stem, const char *name)
{
    char *const *found = by_stem->count ? bsearch(&name, by_stem->names, by_stem->count, sizeof *by_stem->names, compare_stems) : NULL;
    return found ? *found : NULL;
}

static void add_lonely(struct source *source, enum defect_kind kind, const char *folder, const char *name, const char *text)
{
    char *file = base_format("%s/%s", source_relative(source, folder), name);
    defects_add(&source->defects, kind, file ? file : "", 0, "%s", text);
    source->defects.failed |= !file;
    free(file);
}

static enum nephos_status make_samples(struct source *source, const struct folders *folders)
{
    struct data_set *set = source->set;
    enum nephos_status status = data_samples_allocate(set, folders->image_names.count);
    for (uint32_t i = 0; i < set->sample_count && status == NEPHOS_OK; i++) {
        const char *image = folders->image_names.names[i], *mask = find_by_stem(&folders->mask_names, image);
        status = data_sample_name(set, &set->samples[i], folders->images, image);
        if (!mask) add_lonely(source, DEFECT_MISSING_MASK, folders->images, image, "has no mask of that name");
        if (!mask || status != NEPHOS_OK) continue;
        set->samples[i].mask_path = base_format("%s/%s", folders->masks, mask);
        if (!set->samples[i].mask_path) status = base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    }
    return status;
}

static enum nephos_status read_folders(struct source *source, struct folders *folders)
{
    struct data_set *set = source->set;
    enum nephos_status status = NEPHOS_OK;
    struct data_names *images = &folders->image_names, *masks = &folders->mask_names;
    folders->images = base_format("%s/images", set->root);
    if (!folders->images) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    TRY(data_names_list(set->log, folders->images, data_is_image_name, images));
    TRY(data_names_list(set->log, folders->masks, data_is_png_name, masks));
    if (images->count == 0) FAIL(set->log, NEPHOS_ERROR_DATA, "%s: no .jpg, .jpeg or .png in it", folders->images);
    if (masks->count) qsort(masks->names, masks->count, sizeof *masks->names, compare_stems_and_names);
    find_same_names(source, folders->masks, masks);
    TRY(make_samples(source, folders));
    qsort(images->names, images->count, sizeof *images->names, compare_stems_and_names);
    find_same_names(source, folders->images, images);
    for (uint32_t i = 0; i < masks->count; i++)
        if (!find_by_stem(images, masks->names[i]))
            add_lonely(source, DEFECT_UNUSED_MASK, folders->masks, masks->names[i], "has no image of that name");
fail:
    return status;
}

enum nephos_status source_read_generic(struct source *source)
{
    struct folders folders = {0};
    enum nephos_status status = choose_masks(source, &folders);
    if (status == NEPHOS_OK) status = read_classes(source);
    if (status == NEPHOS_OK) status = read_folders(source, &folders);
    free(folders.images);
    free(folders.masks);
    data_names_free(&folders.image_names);
    data_names_free(&folders.mask_names);
    return status;
}
