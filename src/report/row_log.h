// SPDX-License-Identifier: MIT
// CSV files of a run that only grow: rows wait in memory until they are saved, which is done before a checkpoint. So the file is never
// behind the checkpoint; rows ahead of it are cut off before training goes on. The first column is a number that never falls.
#ifndef REPORT_ROW_LOG_H
#define REPORT_ROW_LOG_H

#include "report/text.h"

struct row_log {
    const char *header; // the file's first line, with its line end
    struct text pending;
};

// Adds a row; `format` ends with a line end.
void row_log_add(struct row_log *rows, const char *format, ...) NEPHOS_PRINTF(2, 3);
// Appends what is pending to the file; makes it, with the header, where it is missing.
enum nephos_status row_log_save(struct nephos_log *log, const char *path, struct row_log *rows);
// Drops what is pending, and the file's rows whose number is above `last`, also one cut off in its middle. No file is fine.
enum nephos_status row_log_rewind(struct nephos_log *log, const char *path, uint64_t last, struct row_log *rows);
void row_log_free(struct row_log *rows);

#endif
