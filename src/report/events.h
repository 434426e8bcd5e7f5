// SPDX-License-Identifier: MIT
// A file of events as TensorBoard reads it: TFRecord frames round messages of tensorflow/core/util/event.proto and
// framework/summary.proto, encoded here, as they are few. Each session of a run writes a file of its own; its first event says from
// which step on the session counts, and TensorBoard forgets what earlier files of the folder have from there on.
#ifndef REPORT_EVENTS_H
#define REPORT_EVENTS_H

#include "report/history.h"
#include "report/text.h"

struct events { // zero: nothing yet, no file
    char *path;
    struct text pending; // frames that are not in the file yet
};
struct events_image {
    const char *tag; // "examples/0"
    uint32_t height, width;
    const uint8_t *png;
    size_t size;
};

// The measured columns of an epoch as scalars ("val/dice", "lr"), at step `row->epoch`. The first row names the file in `folder`.
enum nephos_status events_add_row(struct nephos_log *log, const char *folder, const struct history_row *row, struct events *events);
enum nephos_status events_add_image(struct nephos_log *log, const char *folder, uint32_t step, const struct events_image *image,
                                    struct events *events);
// Appends what is pending to the file.
enum nephos_status events_save(struct nephos_log *log, struct events *events);
void events_free(struct events *events);

uint32_t events_crc32c(const void *bytes, size_t size); // of Castagnoli; RFC 3720, appendix B.4

#endif
