// SPDX-License-Identifier: MIT
// Reading CSV files with a header: quotes, LF or CRLF, a byte order mark, a missing last line end, lines of any length.
#ifndef DATA_CSV_H
#define DATA_CSV_H

#include "base/status.h"

#include <stdio.h>

enum { CSV_MAX_COLUMNS = 16 };

// The whole file stays in memory; fields are NUL-terminated in place and live until csv_close (or as long as what csv_take gave).
struct csv {
    struct nephos_log *log;
    const char *path; // the caller's
    char *text, *at;
    uint32_t line;                  // where the record in `field` starts, 1-based
    uint32_t next_line;
    char *record;                   // where that record starts in the text
    bool inside;                    // what failed last left the rest of its line unread
    uint32_t columns;               // as many as the header has; every record must have the same
    char *field[CSV_MAX_COLUMNS];
};

// Reads the file and its header; the header's names are in `field` until the first csv_next.
enum nephos_status csv_open(struct nephos_log *log, const char *path, struct csv *csv);
// Index of a column by its name, before the first csv_next. Fails with the names that are there.
enum nephos_status csv_column(const struct csv *csv, const char *name, uint32_t *column);
// Reads the next record; empty lines are skipped. *more is false at the end.
enum nephos_status csv_next(struct csv *csv, bool *more);
// After csv_next has failed: steps over what is left of the bad record's line, so that csv_next reads the record behind it.
void csv_recover(struct csv *csv);
// Hands over the memory the fields point into (caller frees it).
char *csv_take(struct csv *csv);
void csv_close(struct csv *csv);

// Writes a field, in quotes where it needs them.
void csv_write_field(FILE *stream, const char *text);

#endif
