// SPDX-License-Identifier: MIT
// Reads the folder of a data set as data_set_open does, but goes on where that stops: what is wrong becomes a defect, what is left becomes
// a data set.
#ifndef ANALYZE_SOURCE_H
#define ANALYZE_SOURCE_H

#include "analyze/defect.h"
#include "data/data.h"

struct source {
    struct nephos_log *quiet; // of the set: keeps the newest message, shows none
    struct data_set *set;     // samples are images that are there and are spoken of; `exclusive` as in a data set
    bool competition;
    uint64_t rows, empty_rows; // of train.csv, good and bad ones
    uint64_t missing_rows;     // image and class, both known, without one
    struct defects defects;
};

// Fails where nothing can be read: no folder, no layout, no columns, no classes of mask images.
enum nephos_status source_open(struct nephos_log *log, const char *root, struct source *source);
void source_close(struct source *source);

// --- parts, each in a file --------------------------------------------------------------------------------------------
enum nephos_status source_read_competition(struct source *source, const char *csv_path); // source_competition.c
enum nephos_status source_read_generic(struct source *source);                           // source_generic.c

// A path in the set's folder without the folder.
const char *source_relative(const struct source *source, const char *path);
// The newest message of the reading functions as a defect.
void source_add_message(struct source *source, enum defect_kind kind, const char *path, uint32_t line);

#endif
