// SPDX-License-Identifier: MIT
// The competition's layout: train.csv with a row for every image and class, the run-length code empty where the class is absent;
// the images in images/ or, as the competition itself names it, in train_images/.
#include "base/file.h"
#include "data/csv.h"
#include "data/dataset.h"
#include "data/rle.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *image;
    char *rle;
    uint32_t class_index, line;
};
struct rows {
    struct row *row;
    uint32_t count, capacity;
};

enum nephos_status data_label_split(const struct csv *csv, char *label, char **class_name)
{
    char *underscore = strrchr(label, '_');
    if (!underscore || underscore == label || !underscore[1] || strchr(label, '/'))
        return base_fail(csv->log, NEPHOS_ERROR_DATA, "%s:%u: \"%s\" is no Image_Label; expected FILE_CLASS, such as 0011165.jpg_Fish",
                         csv->path, csv->line, label);
    *underscore = '\0';
    *class_name = underscore + 1;
    return NEPHOS_OK;
}

static enum nephos_status find_class(struct data_set *set, const struct csv *csv, const char *name, bool fixed, uint32_t *index)
{
    *index = data_classes_find(set, name);
    if (*index < set->class_count) return NEPHOS_OK;
    if (fixed)
        return base_fail(set->log, NEPHOS_ERROR_DATA, "%s:%u: class \"%s\" is not in classes.txt (its first is \"%s\")", csv->path,
                         csv->line, name, set->classes[0]);
    char where[4096];
    snprintf(where, sizeof where, "%s:%u", csv->path, csv->line);
    return data_classes_add(set, where, name, DATA_MAX_OVERLAPPING);
}

static enum nephos_status append_row(struct data_set *set, struct rows *rows, const struct row *row)
{
    if (rows->count == rows->capacity) {
        const uint32_t capacity = rows->capacity ? 2 * rows->capacity : 1024;
        struct row *grown = realloc(rows->row, capacity * sizeof *grown);
        if (!grown) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "out of memory at %u rows of train.csv", rows->count);
        rows->row = grown;
        rows->capacity = capacity;
    }
    rows->row[rows->count++] = *row;
    return NEPHOS_OK;
}

// The form of every text is checked when the set is opened, so that a typing error shows up at once and not at its turn in training.
static enum nephos_status check_form(struct data_set *set, const struct csv *csv, const struct row *row)
{
    if (!*row->rle) return NEPHOS_OK;
    char where[4096];
    snprintf(where, sizeof where, "%s:%u: image %s, class %s", csv->path, row->line, row->image, set->classes[row->class_index]);
    return data_rle_check(set->log, where, row->rle, UINT64_MAX);
}

static enum nephos_status read_rows(struct data_set *set, struct csv *csv, struct rows *rows)
{
    enum nephos_status status = NEPHOS_OK;
    const bool fixed = set->class_count > 0;
    uint32_t label_column, rle_column;
    bool more;
    TRY(csv_column(csv, "Image_Label", &label_column));
    TRY(csv_column(csv, "EncodedPixels", &rle_column));
    for (;;) {
        TRY(csv_next(csv, &more));
        if (!more) break;
        char *class_name = NULL, *rle = csv->field[rle_column];
        struct row row = {.image = csv->field[label_column], .rle = rle + strspn(rle, " \t"), .line = csv->line};
        TRY(data_label_split(csv, csv->field[label_column], &class_name));
        TRY(find_class(set, csv, class_name, fixed, &row.class_index));
        TRY(check_form(set, csv, &row));
        TRY(append_row(set, rows, &row));
    }
    if (rows->count == 0) FAIL(set->log, NEPHOS_ERROR_DATA, "%s: no row behind the header", csv->path);
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

static enum nephos_status check_duplicates(const struct data_set *set, const char *path, const struct rows *rows)
{
    for (uint32_t i = 1; i < rows->count; i++) {
        const struct row *a = &rows->row[i - 1], *b = &rows->row[i];
        if (strcmp(a->image, b->image) == 0 && a->class_index == b->class_index)
            return base_fail(set->log, NEPHOS_ERROR_DATA, "%s:%u: image %s and class %s have a row already, on line %u", path, b->line,
                             b->image, set->classes[b->class_index], a->line);
    }
    return NEPHOS_OK;
}

static uint32_t count_images(const struct rows *rows)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < rows->count; i++) count += i == 0 || strcmp(rows->row[i].image, rows->row[i - 1].image) != 0;
    return count;
}

enum nephos_status data_rle_tables_allocate(struct data_set *set)
{
    static char absent[] = "";
    const size_t cells = (size_t)set->sample_count * set->class_count;
    set->rle_table = malloc(cells * sizeof *set->rle_table);
    set->line_table = calloc(cells, sizeof *set->line_table);
    if (!set->rle_table || !set->line_table) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "out of memory for %zu rows", cells);
    for (size_t i = 0; i < cells; i++) set->rle_table[i] = absent;
    for (uint32_t i = 0; i < set->sample_count; i++) {
        set->samples[i].rle = set->rle_table + (size_t)i * set->class_count;
        set->samples[i].rle_line = set->line_table + (size_t)i * set->class_count;
    }
    return NEPHOS_OK;
}

static enum nephos_status make_samples(struct data_set *set, const char *path, const char *folder, const struct data_names *files,
                                       const struct rows *rows)
{
    enum nephos_status status = NEPHOS_OK;
    TRY(data_samples_allocate(set, count_images(rows)));
    TRY(data_rle_tables_allocate(set));
    struct data_sample *sample = set->samples;
    for (uint32_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->row[i];
        if (i > 0 && strcmp(row->image, row[-1].image) != 0) sample++;
        if (!sample->name) {
            if (!data_names_contain(files, row->image))
                FAIL(set->log, NEPHOS_ERROR_DATA, "%s:%u: missing image: there is no file %s/%s", path, row->line, folder, row->image);
            TRY(data_sample_name(set, sample, folder, row->image));
        }
        sample->rle[row->class_index] = row->rle;
        sample->rle_line[row->class_index] = row->line;
    }
fail:
    return status;
}

static void warn_of_gaps(const struct data_set *set, const char *path, const struct rows *rows, const struct data_names *files,
                         const char *folder)
{
    const uint64_t cells = (uint64_t)set->sample_count * set->class_count;
    if (rows->count < cells)
        base_warn(set->log, "%s: %llu of %llu rows (%u images x %u classes) are missing; those classes are taken as absent", path,
                  (unsigned long long)(cells - rows->count), (unsigned long long)cells, set->sample_count, set->class_count);
    uint32_t images = 0;
    for (uint32_t i = 0; i < files->count; i++) images += data_is_image_name(files->names[i]);
    if (images > set->sample_count)
        base_warn(set->log, "%s: %u of %u images have no row in %s and are not used", folder, images - set->sample_count, images, path);
}

static bool any_name(const char *name)
{
    (void)name;
    return true;
}

enum nephos_status data_images_list(struct data_set *set, char **folder, struct data_names *files)
{
    static const char *const candidates[] = {"images", "train_images"};
    for (size_t i = 0; i < ARRAY_COUNT(candidates); i++) {
        free(*folder);
        *folder = base_format("%s/%s", set->root, candidates[i]);
        if (!*folder) return base_fail(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
        if (base_dir_exists(*folder)) return data_names_list(set->log, *folder, any_name, files);
    }
    return base_fail(set->log, NEPHOS_ERROR_DATA, "%s: has train.csv but neither images/ nor train_images/", set->root);
}

enum nephos_status data_set_read_competition(struct data_set *set, const char *csv_path)
{
    enum nephos_status status = NEPHOS_OK;
    struct csv csv = {0};
    struct rows rows = {0};
    struct data_names files = {0};
    char *folder = NULL, *classes = base_format("%s/classes.txt", set->root);
    if (!classes) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    set->exclusive = false;
    if (base_file_exists(classes)) TRY(data_classes_read(set, classes, DATA_MAX_OVERLAPPING));
    TRY(csv_open(set->log, csv_path, &csv));
    TRY(read_rows(set, &csv, &rows));
    qsort(rows.row, rows.count, sizeof *rows.row, compare_rows);
    TRY(check_duplicates(set, csv_path, &rows));
    TRY(data_images_list(set, &folder, &files));
    TRY(make_samples(set, csv_path, folder, &files, &rows));
    warn_of_gaps(set, csv_path, &rows, &files, folder);
    set->text = csv_take(&csv); // the samples point into it
fail:
    csv_close(&csv);
    free(rows.row);
    free(folder);
    free(classes);
    data_names_free(&files);
    return status;
}
