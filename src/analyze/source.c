// SPDX-License-Identifier: MIT
#include "analyze/source.h"

#include "base/file.h"
#include "data/dataset.h"

#include <stdlib.h>
#include <string.h>

const char *source_relative(const struct source *source, const char *path)
{
    const size_t length = strlen(source->set->root);
    if (strncmp(path, source->set->root, length) == 0 && path[length] == '/') return path + length + 1;
    return path;
}

void source_add_message(struct source *source, enum defect_kind kind, const char *path, uint32_t line)
{
    defects_add_message(&source->defects, kind, source_relative(source, path), line, path, nephos_last_error(source->quiet));
}

static enum nephos_status read_layout(struct source *source)
{
    struct data_set *set = source->set;
    enum nephos_status status = NEPHOS_OK;
    char *csv = base_format("%s/train.csv", set->root), *masks = base_format("%s/masks", set->root);
    char *bits = base_format("%s/masks_bits", set->root);
    if (!csv || !masks || !bits) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    source->competition = base_file_exists(csv);
    if (source->competition)
        status = source_read_competition(source, csv);
    else if (base_dir_exists(masks) || base_dir_exists(bits))
        status = source_read_generic(source);
    else
        status = base_fail(set->log, NEPHOS_ERROR_DATA,
                           "%s: no data set; expected train.csv with images/, or images/ with masks/ (or masks_bits/) and classes.txt",
                           set->root);
fail:
    free(csv);
    free(masks);
    free(bits);
    return status;
}

struct split_reader {
    struct source *source;
    const char *path;
};

static void on_bad_row(void *user, uint32_t line)
{
    const struct split_reader *reader = user;
    source_add_message(reader->source, DEFECT_SPLIT_ROW, reader->path, line);
}

static enum nephos_status read_split(struct source *source)
{
    struct data_set *set = source->set;
    char *path = base_format("%s/split.csv", set->root);
    if (!path) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    enum nephos_status status = NEPHOS_OK;
    set->has_split = base_file_exists(path);
    if (set->has_split) {
        status = data_split_scan(set, path, on_bad_row, &(struct split_reader){source, path});
        if (status == NEPHOS_ERROR_DATA) { // not even a header; all images lack their row then, which says nothing new
            source_add_message(source, DEFECT_SPLIT_ROW, path, 0);
            set->has_split = false;
            status = NEPHOS_OK;
        }
    }
    for (uint32_t i = 0; i < set->sample_count && set->has_split; i++)
        if (set->samples[i].split == DATA_NONE)
            defects_add(&source->defects, DEFECT_SPLIT_MISSING, "split.csv", 0, "no row for image %s", set->samples[i].name);
    free(path);
    return status;
}

static enum nephos_status read_all(struct source *source)
{
    const enum nephos_status status = read_layout(source);
    return status == NEPHOS_OK ? read_split(source) : status;
}

enum nephos_status source_open(struct nephos_log *log, const char *root, struct source *source)
{
    enum nephos_status status = NEPHOS_OK;
    struct source opened = {0};
    if (!base_dir_exists(root)) FAIL(log, NEPHOS_ERROR_FILE, "%s: there is no such folder", root);
    TRY(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &opened.quiet));
    TRY(data_set_new(opened.quiet, root, &opened.set));
    status = read_all(&opened);
    if (status != NEPHOS_OK) FAIL(log, status, "%s", nephos_last_error(opened.quiet));
    if (opened.defects.failed) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: out of memory for its defects", root);
    *source = opened;
    return NEPHOS_OK;
fail:
    source_close(&opened);
    return status;
}

void source_close(struct source *source)
{
    data_set_close(&source->set);
    nephos_log_destroy(&source->quiet);
    defects_free(&source->defects);
    *source = (struct source){0};
}
