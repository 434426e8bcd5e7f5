// SPDX-License-Identifier: MIT
// A submission file as the competition takes it: a row for each image and class that it asks for, each once, and nothing else.
#ifndef DATA_SUBMISSION_H
#define DATA_SUBMISSION_H

#include "base/status.h"

// The rows that are asked for, "IMAGE_CLASS".
struct data_rows {
    char **names;
    uint32_t count, capacity;
};
// Takes over `name` (malloc'ed, NULL: memory is out), also where it fails.
enum nephos_status data_rows_add(struct nephos_log *log, struct data_rows *rows, char *name);
// Those of a file such as the competition's sample_submission.csv; it must not name one twice.
enum nephos_status data_rows_read(struct nephos_log *log, const char *path, struct data_rows *rows);
void data_rows_free(struct data_rows *rows);

struct data_submission {
    char *text;
    const char **codes; // [rows->count] in the order of the rows that were asked for; they point into `text`
};
// Reads the file: header "Image_Label,EncodedPixels", then each of `rows` once, in any order, its run-length code valid in a frame of
// height x width. NEPHOS_ERROR_DATA names the file, the line and what is wrong with it.
enum nephos_status data_submission_read(struct nephos_log *log, const char *path, const struct data_rows *rows, uint32_t height,
                                        uint32_t width, struct data_submission *submission);
void data_submission_free(struct data_submission *submission);

#endif
