// SPDX-License-Identifier: MIT
#include "data/submission.h"

#include "data/csv.h"
#include "data/rle.h"

#include <stdlib.h>
#include <string.h>

enum { NAME, CODE, COLUMNS };
static const char *const headers[COLUMNS] = {[NAME] = "Image_Label", [CODE] = "EncodedPixels"};

static enum nephos_status out_of_memory(struct nephos_log *log)
{
    return base_fail(log, NEPHOS_ERROR_MEMORY, "submission: out of memory");
}

enum nephos_status data_rows_add(struct nephos_log *log, struct data_rows *rows, char *name)
{
    if (name && rows->count == rows->capacity) {
        const uint32_t capacity = rows->capacity ? 2 * rows->capacity : 1024;
        char **grown = realloc(rows->names, capacity * sizeof *grown);
        if (grown) {
            rows->names = grown;
            rows->capacity = capacity;
        }
    }
    if (name && rows->count < rows->capacity) {
        rows->names[rows->count++] = name;
        return NEPHOS_OK;
    }
    free(name);
    return out_of_memory(log);
}

void data_rows_free(struct data_rows *rows)
{
    for (uint32_t i = 0; i < rows->count; i++)
        free(rows->names[i]);
    free(rows->names);
    *rows = (struct data_rows){0};
}

static enum nephos_status open_csv(struct nephos_log *log, const char *path, struct csv *csv)
{
    const enum nephos_status status = csv_open(log, path, csv);
    if (status != NEPHOS_OK) return status;
    if (csv->columns == COLUMNS && strcmp(csv->field[NAME], headers[NAME]) == 0 && strcmp(csv->field[CODE], headers[CODE]) == 0)
        return NEPHOS_OK;
    return base_fail(log, NEPHOS_ERROR_DATA, "%s:%u: the header is not \"%s,%s\"", path, csv->line, headers[NAME], headers[CODE]);
}

enum nephos_status data_rows_read(struct nephos_log *log, const char *path, struct data_rows *rows)
{
    enum nephos_status status;
    struct csv csv = {0};
    bool more;
    TRY(open_csv(log, path, &csv));
    for (;;) {
        TRY(csv_next(&csv, &more));
        if (!more) break;
        TRY(data_rows_add(log, rows, strdup(csv.field[NAME])));
    }
    if (rows->count == 0) FAIL(log, NEPHOS_ERROR_DATA, "%s: no row behind the header", path);
fail:
    csv_close(&csv);
    return status;
}

// A place in the rows by its name, and where the submission has it.
struct place {
    const char *name;
    uint32_t row, line; // line 0: not met yet
};

static int compare_places(const void *a, const void *b)
{
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

static enum nephos_status sort_places(struct nephos_log *log, const struct data_rows *rows, struct place **places)
{
    struct place *sorted = calloc((size_t)rows->count + 1, sizeof *sorted);
    if (!sorted) return out_of_memory(log);
    for (uint32_t i = 0; i < rows->count; i++)
        sorted[i] = (struct place){.name = rows->names[i], .row = i};
    qsort(sorted, rows->count, sizeof *sorted, compare_places);
    *places = sorted;
    for (uint32_t i = 1; i < rows->count; i++) {
        if (strcmp(sorted[i - 1].name, sorted[i].name) == 0)
            return base_fail(log, NEPHOS_ERROR_DATA, "%s is asked for twice", sorted[i].name);
    }
    return NEPHOS_OK;
}

static enum nephos_status take_row(const struct csv *csv, struct place *places, uint32_t count, uint64_t pixels, const char **codes)
{
    const struct place wanted = {.name = csv->field[NAME]};
    struct place *place = bsearch(&wanted, places, count, sizeof *places, compare_places);
    if (!place)
        return base_fail(csv->log, NEPHOS_ERROR_DATA, "%s:%u: \"%s\" is none of the %u rows asked for, \"%s\" to \"%s\"", csv->path,
                         csv->line, wanted.name, count, places[0].name, places[count - 1].name);
    if (place->line)
        return base_fail(csv->log, NEPHOS_ERROR_DATA, "%s:%u: %s has a row already, on line %u", csv->path, csv->line, wanted.name,
                         place->line);
    place->line = csv->line;
    codes[place->row] = csv->field[CODE];
    char where[4096];
    snprintf(where, sizeof where, "%s:%u: %s", csv->path, csv->line, wanted.name);
    return data_rle_check(csv->log, where, csv->field[CODE], pixels);
}

static enum nephos_status expect_all(const struct csv *csv, const struct place *places, uint32_t count)
{
    uint32_t missing = 0, first = 0;
    for (uint32_t i = count; i-- > 0;) {
        if (places[i].line) continue;
        missing++;
        first = i;
    }
    if (missing == 0) return NEPHOS_OK;
    return base_fail(csv->log, NEPHOS_ERROR_DATA,
                     "%s: %u of %u rows are missing, the first is %s; a class that is absent has a row without "
                     "a code",
                     csv->path, missing, count, places[first].name);
}

enum nephos_status data_submission_read(struct nephos_log *log, const char *path, const struct data_rows *rows, uint32_t height,
                                        uint32_t width, struct data_submission *submission)
{
    enum nephos_status status;
    struct csv csv = {0};
    struct place *places = NULL;
    const char **codes = calloc((size_t)rows->count + 1, sizeof *codes);
    bool more;
    if (!codes) return out_of_memory(log);
    TRY(sort_places(log, rows, &places));
    TRY(open_csv(log, path, &csv));
    for (;;) {
        TRY(csv_next(&csv, &more));
        if (!more) break;
        TRY(take_row(&csv, places, rows->count, (uint64_t)height * width, codes));
    }
    TRY(expect_all(&csv, places, rows->count));
    *submission = (struct data_submission){csv_take(&csv), codes};
    codes = NULL;
fail:
    csv_close(&csv);
    free(codes);
    free(places);
    return status;
}

void data_submission_free(struct data_submission *submission)
{
    free(submission->text);
    free(submission->codes);
    *submission = (struct data_submission){0};
}
