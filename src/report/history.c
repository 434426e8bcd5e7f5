// SPDX-License-Identifier: MIT
#include "report/history.h"
#include "base/file.h"
#include "base/number.h"
#include "report/text.h"

#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE ((uint64_t)64 << 20)

// The columns behind "epoch".
static const struct column {
    const char *name;
    size_t offset;
} columns[] = {
#define COLUMN(name)                                                                                                                       \
    {                                                                                                                                      \
#name, offsetof(struct history_row, name)                                                                                          \
    }
    COLUMN(train_loss), COLUMN(train_dice), COLUMN(train_iou),         COLUMN(train_accuracy), COLUMN(val_loss),
    COLUMN(val_dice),   COLUMN(val_iou),    COLUMN(val_accuracy),      COLUMN(val_pr_auc),     COLUMN(val_roc_auc),
    COLUMN(lr),         COLUMN(seconds),    COLUMN(images_per_second), COLUMN(wait_share),
#undef COLUMN
};

static double *field(struct history_row *row, size_t column)
{
    return (double *)((char *)row + columns[column].offset);
}

const char *history_column(const struct history_row *row, uint32_t index, double *value)
{
    if (index >= ARRAY_COUNT(columns)) return NULL;
    *value = *(const double *)((const char *)row + columns[index].offset);
    return columns[index].name;
}

// --- writing ----------------------------------------------------------------------------------------------------------

static void add_header(struct text *text)
{
    text_add(text, "epoch");
    for (size_t i = 0; i < ARRAY_COUNT(columns); i++)
        text_add(text, ",%s", columns[i].name);
    text_add(text, "\n");
}

static void add_number(struct text *text, double value)
{
    if (isnan(value))
        text_add(text, "nan"); // printf may write "-nan"
    else
        text_add(text, "%.9g", value);
}

static enum nephos_status write_file(struct nephos_log *log, const char *path, const struct history *history)
{
    struct text text = {0};
    add_header(&text);
    for (uint32_t i = 0; i < history->count; i++) {
        text_add(&text, "%u", history->rows[i].epoch);
        for (size_t k = 0; k < ARRAY_COUNT(columns); k++) {
            text_add(&text, ",");
            add_number(&text, *field(&history->rows[i], k));
        }
        text_add(&text, "\n");
    }
    enum nephos_status status = text.failed ? base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory to write it", path)
                                            : base_file_write(log, path, text.bytes, text.size);
    text_free(&text);
    return status;
}

static void round_row(struct history_row *row)
{
    for (size_t i = 0; i < ARRAY_COUNT(columns); i++) {
        struct text digits = {0};
        add_number(&digits, *field(row, i));
        if (!digits.failed) *field(row, i) = base_parse_double(digits.bytes, NULL);
        text_free(&digits);
    }
}

static enum nephos_status add_row(struct nephos_log *log, const char *path, struct history *history, const struct history_row *row)
{
    struct history_row *grown = realloc(history->rows, ((size_t)history->count + 1) * sizeof *grown);
    if (!grown) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for %u rows", path, history->count + 1);
    history->rows = grown;
    history->rows[history->count++] = *row;
    return NEPHOS_OK;
}

enum nephos_status history_append(struct nephos_log *log, const char *path, struct history *history, const struct history_row *row)
{
    struct history_row rounded = *row;
    round_row(&rounded);
    enum nephos_status status = add_row(log, path, history, &rounded);
    return status == NEPHOS_OK ? write_file(log, path, history) : status;
}

// --- reading ----------------------------------------------------------------------------------------------------------

struct place {
    struct nephos_log *log;
    const char *path;
    uint32_t line;
};

// Ends the line that starts at *rest with a NUL and moves *rest behind it; NULL at the end of the text.
static char *next_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');
    if (!*line) return NULL;
    *rest = end ? end + 1 : line + strlen(line);
    if (end) *end = '\0';
    return line;
}

static enum nephos_status parse_row(const struct place *place, const char *line, struct history_row *row)
{
    char *end;
    errno = 0;
    unsigned long epoch = strtoul(line, &end, 10);
    if (end == line || *line == '-' || errno || epoch == 0 || epoch > UINT32_MAX)
        return base_fail(place->log, NEPHOS_ERROR_DATA, "%s:%u: the row does not start with an epoch", place->path, place->line);
    row->epoch = (uint32_t)epoch;
    for (size_t i = 0; i < ARRAY_COUNT(columns); i++) {
        const char *number = end + 1;
        if (*end == ',') *field(row, i) = base_parse_double(number, &end);
        if (end + 1 == number || end == number || (*end && *end != ','))
            return base_fail(place->log, NEPHOS_ERROR_DATA, "%s:%u: no number in column \"%s\"", place->path, place->line, columns[i].name);
    }
    if (*end) return base_fail(place->log, NEPHOS_ERROR_DATA, "%s:%u: too many columns", place->path, place->line);
    return NEPHOS_OK;
}

static enum nephos_status check_header(const struct place *place, const char *line)
{
    struct text header = {0};
    add_header(&header);
    bool same = line && !header.failed && strlen(line) + 1 == header.size && strncmp(line, header.bytes, strlen(line)) == 0;
    text_free(&header);
    if (same) return NEPHOS_OK;
    return base_fail(place->log, NEPHOS_ERROR_DATA, "%s:1: not the header of a training history; move the file away to start a new one",
                     place->path);
}

static enum nephos_status parse(struct nephos_log *log, const char *path, char *text, uint32_t last_epoch, struct history *history)
{
    struct place place = {log, path, 1};
    enum nephos_status status;
    TRY(check_header(&place, next_line(&text)));
    for (const char *line; (line = next_line(&text));) {
        struct history_row row = {0};
        place.line++;
        TRY(parse_row(&place, line, &row));
        if (history->count && row.epoch <= history->rows[history->count - 1].epoch)
            FAIL(log, NEPHOS_ERROR_DATA, "%s:%u: epoch %u comes after epoch %u", path, place.line, row.epoch,
                 history->rows[history->count - 1].epoch);
        if (row.epoch <= last_epoch) TRY(add_row(log, path, history, &row));
    }
fail:
    return status;
}

enum nephos_status history_load(struct nephos_log *log, const char *path, uint32_t last_epoch, struct history *history)
{
    char *text;
    size_t size;
    *history = (struct history){0};
    if (!base_file_exists(path)) return NEPHOS_OK;
    enum nephos_status status = base_file_read(log, path, MAX_FILE, &text, &size);
    if (status != NEPHOS_OK) return status;
    status = parse(log, path, text, last_epoch, history);
    if (status != NEPHOS_OK) history_free(history);
    free(text);
    return status;
}

void history_free(struct history *history)
{
    free(history->rows);
    *history = (struct history){0};
}

const struct history_row *history_best(const struct history *history)
{
    const struct history_row *best = NULL;
    for (uint32_t i = 0; i < history->count; i++)
        if (history->rows[i].epoch == history->best_epoch) return &history->rows[i];
    for (uint32_t i = 0; i < history->count; i++)
        if (!isnan(history->rows[i].val_dice) && (!best || history->rows[i].val_dice > best->val_dice)) best = &history->rows[i];
    return best;
}
