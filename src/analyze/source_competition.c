// SPDX-License-Identifier: MIT
// The competition's layout, row by row.
#include "analyze/source.h"

#include "base/file.h"
#include "data/csv.h"
#include "data/dataset.h"
#include "data/rle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    const char *image;
    char *rle;
    uint32_t class_index, line;
};
struct rows {
    struct row *row;
    size_t count, capacity;
};

// The class of a row; false where it is a defect.
static bool find_class(struct source *source, const struct csv *csv, const char *name, bool fixed, uint32_t *index)
{
    struct data_set *set = source->set;
    *index = data_classes_find(set, name);
    if (*index < set->class_count) return true;
    if (!fixed && data_classes_add(set, "train.csv", name, DATA_MAX_OVERLAPPING) == NEPHOS_OK) return true;
    if (fixed)
        defects_add(&source->defects, DEFECT_CLASS, "train.csv", csv->line, "class \"%s\" is not in classes.txt", name);
    else
        defects_add_message(&source->defects, DEFECT_CLASS, "train.csv", csv->line, "train.csv", nephos_last_error(source->quiet));
    return false;
}

static bool append_row(struct rows *rows, const struct row *row)
{
    if (rows->count == rows->capacity) {
        const size_t capacity = rows->capacity ? 2 * rows->capacity : 1024;
        struct row *grown = realloc(rows->row, capacity * sizeof *grown);
        if (!grown) return false;
        rows->row = grown;
        rows->capacity = capacity;
    }
    rows->row[rows->count++] = *row;
    return true;
}

// A code that is none counts as empty from here on; whether it fits its image is seen when that is read.
static void check_code(struct source *source, struct row *row)
{
    char where[4096];
    snprintf(where, sizeof where, "image %s, class %s", row->image, source->set->classes[row->class_index]);
    if (data_rle_check(source->quiet, where, row->rle, UINT64_MAX) == NEPHOS_OK) return;
    defects_add_message(&source->defects, DEFECT_RLE, "train.csv", row->line, "", nephos_last_error(source->quiet));
    row->rle += strlen(row->rle);
}

static enum nephos_status take_row(struct source *source, struct csv *csv, char *label, char *rle, bool fixed, struct rows *rows)
{
    char *class_name;
    struct row row = {.image = label, .rle = rle + strspn(rle, " \t"), .line = csv->line};
    source->empty_rows += !*row.rle;
    if (data_label_split(csv, label, &class_name) != NEPHOS_OK) {
        source_add_message(source, DEFECT_LABEL, csv->path, csv->line);
        return NEPHOS_OK;
    }
    if (!find_class(source, csv, class_name, fixed, &row.class_index)) return NEPHOS_OK;
    check_code(source, &row);
    if (append_row(rows, &row)) return NEPHOS_OK;
    return base_fail(csv->log, NEPHOS_ERROR_MEMORY, "%s:%u: out of memory", csv->path, csv->line);
}

static enum nephos_status read_rows(struct source *source, struct csv *csv, struct rows *rows)
{
    enum nephos_status status = NEPHOS_OK;
    const bool fixed = source->set->class_count > 0;
    uint32_t label_column, rle_column;
    bool more = true;
    TRY(csv_column(csv, "Image_Label", &label_column));
    TRY(csv_column(csv, "EncodedPixels", &rle_column));
    for (;;) {
        const bool good = csv_next(csv, &more) == NEPHOS_OK;
        if (!more) break;
        source->rows++;
        if (good) {
            TRY(take_row(source, csv, csv->field[label_column], csv->field[rle_column], fixed, rows));
        } else {
            source_add_message(source, DEFECT_ROW, csv->path, csv->line);
            csv_recover(csv);
        }
    }
fail:
    return status;
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    const int order = strcmp(a->image, b->image);
    if (order != 0) return order;
    if (a->class_index != b->class_index) return a->class_index < b->class_index ? -1 : 1;
    return (a->line > b->line) - (a->line < b->line);
}

static size_t next_image(const struct rows *rows, size_t begin)
{
    size_t end = begin;
    while (end < rows->count && strcmp(rows->row[begin].image, rows->row[end].image) == 0)
        end++;
    return end;
}

// Of rows for the same image and class the first is taken, whether or not the image is there.
static void find_duplicates(struct source *source, const struct rows *rows)
{
    const struct row *first = rows->row;
    for (size_t i = 1; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        if (strcmp(row->image, first->image) == 0 && row->class_index == first->class_index)
            defects_add(&source->defects, DEFECT_DUPLICATE_ROW, "train.csv", row->line,
                        "image %s and class %s have a row already, on line %u", row->image, source->set->classes[row->class_index],
                        first->line);
        else
            first = row;
    }
}

static enum nephos_status allocate_samples(struct source *source, const struct rows *rows, const struct data_names *files)
{
    uint32_t count = 0;
    for (size_t i = 0; i < rows->count; i = next_image(rows, i))
        count += data_names_contain(files, rows->row[i].image);
    const enum nephos_status status = data_samples_allocate(source->set, count);
    return status == NEPHOS_OK ? data_rle_tables_allocate(source->set) : status;
}

static void fill_sample(struct source *source, struct data_sample *sample, const struct row *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t c = row[i].class_index;
        if (sample->rle_line[c]) continue; // a duplicate
        sample->rle[c] = row[i].rle;
        sample->rle_line[c] = row[i].line;
    }
    for (uint32_t c = 0; c < source->set->class_count; c++)
        source->missing_rows += !sample->rle_line[c];
}

static enum nephos_status make_samples(struct source *source, const char *folder, const struct data_names *files, const struct rows *rows)
{
    enum nephos_status status = allocate_samples(source, rows, files);
    struct data_sample *sample = source->set->samples;
    size_t end;
    for (size_t i = 0; i < rows->count && status == NEPHOS_OK; i = end) {
        const struct row *row = &rows->row[i];
        end = next_image(rows, i);
        if (data_names_contain(files, row->image)) {
            status = data_sample_name(source->set, sample, folder, row->image);
            fill_sample(source, sample++, row, end - i);
        } else {
            defects_add(&source->defects, DEFECT_MISSING_IMAGE, "train.csv", row->line, "there is no file %s/%s, which has %zu row%s",
                        source_relative(source, folder), row->image, end - i, end - i == 1 ? "" : "s");
        }
    }
    return status;
}

static int compare_with_sample(const void *name, const void *sample)
{
    return strcmp(name, ((const struct data_sample *)sample)->name);
}

static void find_unused(struct source *source, const char *folder, const struct data_names *files)
{
    const struct data_set *set = source->set;
    for (uint32_t i = 0; i < files->count; i++) {
        if (!data_is_image_name(files->names[i])) continue;
        if (bsearch(files->names[i], set->samples, set->sample_count, sizeof *set->samples, compare_with_sample)) continue;
        char *file = base_format("%s/%s", source_relative(source, folder), files->names[i]);
        defects_add(&source->defects, DEFECT_UNUSED_IMAGE, file ? file : "", 0, "has no row in train.csv and is not used");
        source->defects.failed |= !file;
        free(file);
    }
}

static enum nephos_status read_classes(struct source *source)
{
    struct data_set *set = source->set;
    char *path = base_format("%s/classes.txt", set->root);
    if (!path) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    enum nephos_status status = base_file_exists(path) ? data_classes_read(set, path, DATA_MAX_OVERLAPPING) : NEPHOS_OK;
    if (status == NEPHOS_ERROR_DATA) { // the names above the bad one are in force
        source_add_message(source, DEFECT_CLASS, path, 0);
        status = NEPHOS_OK;
    }
    free(path);
    return status;
}

enum nephos_status source_read_competition(struct source *source, const char *csv_path)
{
    struct data_set *set = source->set;
    enum nephos_status status = NEPHOS_OK;
    struct csv csv = {0};
    struct rows rows = {0};
    struct data_names files = {0};
    char *folder = NULL;
    TRY(read_classes(source));
    TRY(csv_open(set->log, csv_path, &csv));
    TRY(read_rows(source, &csv, &rows));
    if (rows.count) qsort(rows.row, rows.count, sizeof *rows.row, compare_rows);
    find_duplicates(source, &rows);
    TRY(data_images_list(set, &folder, &files));
    TRY(make_samples(source, folder, &files, &rows));
    find_unused(source, folder, &files);
    set->text = csv_take(&csv); // the samples point into it
fail:
    csv_close(&csv);
    free(rows.row);
    free(folder);
    data_names_free(&files);
    return status;
}
