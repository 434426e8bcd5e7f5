// SPDX-License-Identifier: MIT
#include "data/csv.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

// The original competition's train.csv is about 160 MB.
#define CSV_LIMIT ((uint64_t)4 << 30)

// The part of a field up to its closing quote, moved together where quotes are doubled. `csv->at` is behind the opening quote.
static enum nephos_status read_quoted(struct csv *csv, char **field)
{
    char *from = csv->at, *to = csv->at;
    *field = to;
    for (;; from++) {
        if (*from == '"' && from[1] != '"') break;
        if (*from == '"') from++;
        if (!*from) return base_fail(csv->log, NEPHOS_ERROR_DATA, "%s:%u: a quoted field has no closing quote", csv->path, csv->line);
        if (*from == '\n') csv->next_line++;
        *to++ = *from;
    }
    // `to` may stand on the closing quote itself, so it's ended only now that the quote has been seen.
    *to = '\0';
    csv->at = from + 1;
    if (csv->at[0] == '\r' && (csv->at[1] == '\n' || !csv->at[1])) csv->at++;
    if (*csv->at && *csv->at != ',' && *csv->at != '\n')
        return base_fail(csv->log, NEPHOS_ERROR_DATA, "%s:%u: text behind a closing quote; a comma or the line's end must follow",
                         csv->path, csv->line);
    return NEPHOS_OK;
}

static void read_plain(struct csv *csv, char **field)
{
    *field = csv->at;
    csv->at += strcspn(csv->at, ",\n");
}

// Ends the field in place and steps over what stood there; tells whether another field of the same record follows.
static bool end_field(struct csv *csv, char *field)
{
    char *end = csv->at;
    const char delimiter = *end;
    if (delimiter) csv->at++;
    if (delimiter == '\n') csv->next_line++;
    *end = '\0';
    if (delimiter != ',' && end > field && end[-1] == '\r') end[-1] = '\0';
    return delimiter == ',';
}

static enum nephos_status read_record(struct csv *csv, uint32_t *count)
{
    enum nephos_status status = NEPHOS_OK;
    bool another = true;
    *count = 0;
    csv->line = csv->next_line;
    csv->record = csv->at;
    csv->inside = true;
    while (another) {
        char *field;
        if (*csv->at == '"') {
            csv->at++;
            TRY(read_quoted(csv, &field));
        } else {
            read_plain(csv, &field);
        }
        another = csv->inside = end_field(csv, field);
        if (*count == CSV_MAX_COLUMNS)
            FAIL(csv->log, NEPHOS_ERROR_DATA, "%s:%u: more than %d columns", csv->path, csv->line, CSV_MAX_COLUMNS);
        csv->field[(*count)++] = field;
    }
fail:
    return status;
}

static void skip_empty_lines(struct csv *csv)
{
    while (*csv->at == '\n' || (csv->at[0] == '\r' && csv->at[1] == '\n')) {
        csv->at += *csv->at == '\n' ? 1 : 2;
        csv->next_line++;
    }
}

enum nephos_status csv_open(struct nephos_log *log, const char *path, struct csv *csv)
{
    enum nephos_status status = NEPHOS_OK;
    size_t size;
    *csv = (struct csv){.log = log, .path = path, .next_line = 1};
    TRY(base_file_read(log, path, CSV_LIMIT, &csv->text, &size));
    const char *nul = memchr(csv->text, '\0', size);
    if (nul) FAIL(log, NEPHOS_ERROR_DATA, "%s: byte %zu is NUL; this is no CSV text (UTF-8 is expected)", path, (size_t)(nul - csv->text));
    csv->at = csv->text;
    if (strncmp(csv->at, "\xEF\xBB\xBF", 3) == 0) csv->at += 3; // byte order mark
    skip_empty_lines(csv);
    if (!*csv->at) FAIL(log, NEPHOS_ERROR_DATA, "%s: empty; a header line is expected", path);
    TRY(read_record(csv, &csv->columns));
    return NEPHOS_OK;
fail:
    csv_close(csv);
    return status;
}

static void list_columns(const struct csv *csv, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < csv->columns && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s\"%s\"", i ? ", " : "", csv->field[i]);
}

enum nephos_status csv_column(const struct csv *csv, const char *name, uint32_t *column)
{
    for (uint32_t i = 0; i < csv->columns; i++) {
        if (strcmp(csv->field[i], name) != 0) continue;
        *column = i;
        return NEPHOS_OK;
    }
    char names[256];
    list_columns(csv, names, sizeof names);
    return base_fail(csv->log, NEPHOS_ERROR_DATA, "%s:%u: the header has no column \"%s\", only %s", csv->path, csv->line, name, names);
}

enum nephos_status csv_next(struct csv *csv, bool *more)
{
    skip_empty_lines(csv);
    *more = *csv->at != '\0';
    if (!*more) return NEPHOS_OK;
    uint32_t count;
    const enum nephos_status status = read_record(csv, &count);
    if (status != NEPHOS_OK) return status;
    if (count != csv->columns)
        return base_fail(csv->log, NEPHOS_ERROR_DATA, "%s:%u: %u columns, the header has %u", csv->path, csv->line, count, csv->columns);
    return NEPHOS_OK;
}

void csv_recover(struct csv *csv)
{
    if (!csv->inside) return;
    csv->inside = false;
    // A quote without an end has counted lines up to the end of the text.
    csv->next_line = csv->line;
    csv->at += strcspn(csv->at, "\n");
    if (*csv->at) csv->at++;
    for (const char *at = csv->record; at < csv->at; at++)
        csv->next_line += *at == '\n';
}

char *csv_take(struct csv *csv)
{
    char *text = csv->text;
    csv->text = NULL;
    return text;
}

void csv_close(struct csv *csv)
{
    free(csv->text);
    *csv = (struct csv){0};
}

void csv_write_field(FILE *stream, const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, stream);
        return;
    }
    fputc('"', stream);
    for (; *text; text++) {
        if (*text == '"') fputc('"', stream);
        fputc(*text, stream);
    }
    fputc('"', stream);
}
