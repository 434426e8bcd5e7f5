// SPDX-License-Identifier: MIT
#include "report/row_log.h"

#include "base/file.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE ((uint64_t)4 << 30)

void row_log_add(struct row_log *rows, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    text_add_list(&rows->pending, format, arguments);
    va_end(arguments);
}

enum nephos_status row_log_save(struct nephos_log *log, const char *path, struct row_log *rows)
{
    struct text *pending = &rows->pending;
    if (pending->failed) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for its rows", path);
    if (pending->size == 0) return NEPHOS_OK;
    enum nephos_status status = NEPHOS_OK;
    if (!base_file_exists(path)) status = base_file_write(log, path, rows->header, strlen(rows->header));
    if (status == NEPHOS_OK) status = base_file_append(log, path, pending->bytes, pending->size);
    if (status == NEPHOS_OK) pending->size = 0;
    return status;
}

// Bytes of the file that stay: the header, and whole rows up to that number.
static size_t kept(const char *text, size_t header_size, uint64_t last)
{
    const char *line = text + header_size;
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        if (strtoull(line, NULL, 10) > last) break;
    }
    return (size_t)(line - text);
}

enum nephos_status row_log_rewind(struct nephos_log *log, const char *path, uint64_t last, struct row_log *rows)
{
    char *text;
    size_t size;
    const size_t header_size = strlen(rows->header);
    rows->pending.size = 0;
    if (!base_file_exists(path)) return NEPHOS_OK;
    enum nephos_status status = base_file_read(log, path, MAX_FILE, &text, &size);
    if (status != NEPHOS_OK) return status;
    if (size < header_size || memcmp(text, rows->header, header_size) != 0) {
        status = base_fail(log, NEPHOS_ERROR_DATA, "%s:1: not the header of this file; move it away to start a new one", path);
    } else {
        const size_t keep = kept(text, header_size, last);
        if (keep < size) status = base_file_write(log, path, text, keep);
    }
    free(text);
    return status;
}

void row_log_free(struct row_log *rows)
{
    text_free(&rows->pending);
}
