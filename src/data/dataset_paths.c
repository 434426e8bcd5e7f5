// SPDX-License-Identifier: MIT
// Samples without labels, from files and folders that a caller names.
#include "data/dataset.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

static enum nephos_status grow(struct data_set *set, uint32_t more)
{
    struct data_sample *grown = realloc(set->samples, ((size_t)set->sample_count + more) * sizeof *grown);
    if (!grown) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "out of memory for %u images", set->sample_count + more);
    set->samples = grown;
    return NEPHOS_OK;
}

static enum nephos_status add(struct data_set *set, const char *folder, const char *name)
{
    struct data_sample *sample = &set->samples[set->sample_count++];
    *sample = (struct data_sample){.split = DATA_NONE};
    return data_sample_name(set, sample, folder, name);
}

static enum nephos_status add_folder(struct data_set *set, const char *folder)
{
    enum nephos_status status = NEPHOS_OK;
    struct data_names names = {0};
    TRY(data_names_list(set->log, folder, data_is_image_name, &names));
    if (names.count == 0) FAIL(set->log, NEPHOS_ERROR_DATA, "%s: no .jpg, .jpeg or .png in it", folder);
    TRY(grow(set, names.count));
    for (uint32_t i = 0; i < names.count; i++) TRY(add(set, folder, names.names[i]));
fail:
    data_names_free(&names);
    return status;
}

static enum nephos_status add_file(struct data_set *set, const char *path)
{
    if (!base_file_exists(path)) return base_fail(set->log, NEPHOS_ERROR_FILE, "%s: there is no such file or folder", path);
    enum nephos_status status = grow(set, 1);
    if (status != NEPHOS_OK) return status;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    status = add(set, ".", name);
    if (status != NEPHOS_OK) return status;
    // The path as it was given, not one put together anew.
    char **stored = &set->samples[set->sample_count - 1].path;
    free(*stored);
    *stored = strdup(path);
    return *stored ? NEPHOS_OK : base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", path);
}

static int compare_samples(const void *a, const void *b)
{
    return strcmp(((const struct data_sample *)a)->name, ((const struct data_sample *)b)->name);
}

static int compare_sample_stems(const void *a, const void *b)
{
    return data_stem_compare((*(const struct data_sample *const *)a)->name, (*(const struct data_sample *const *)b)->name);
}

// Results are named after the image without its extension, so that must tell the images apart.
static enum nephos_status check_stems(const struct data_set *set)
{
    enum nephos_status status = NEPHOS_OK;
    const struct data_sample **order = malloc(set->sample_count * sizeof *order);
    if (!order) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "out of memory for %u images", set->sample_count);
    for (uint32_t i = 0; i < set->sample_count; i++) order[i] = &set->samples[i];
    qsort(order, set->sample_count, sizeof *order, compare_sample_stems);
    for (uint32_t i = 1; i < set->sample_count; i++)
        if (data_stem_compare(order[i - 1]->name, order[i]->name) == 0)
            FAIL(set->log, NEPHOS_ERROR_DATA, "%s and %s have the same name (without extension); their results would overwrite each other",
                 order[i - 1]->path, order[i]->path);
fail:
    free(order);
    return status;
}

enum nephos_status data_set_from_paths(struct nephos_log *log, const char *const *paths, size_t count, struct data_set **set)
{
    enum nephos_status status = NEPHOS_OK;
    struct data_set *made = NULL;
    TRY(data_set_new(log, "", &made));
    for (size_t i = 0; i < count; i++) TRY(base_dir_exists(paths[i]) ? add_folder(made, paths[i]) : add_file(made, paths[i]));
    if (made->sample_count == 0) FAIL(log, NEPHOS_ERROR_DATA, "no image was named");
    qsort(made->samples, made->sample_count, sizeof *made->samples, compare_samples);
    TRY(check_stems(made));
    *set = made;
    return NEPHOS_OK;
fail:
    data_set_close(&made);
    return status;
}
