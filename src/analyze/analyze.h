// SPDX-License-Identifier: MIT
// The analysis of a data set: everything that is found out about it, and the two files that tell it.
#ifndef ANALYZE_H
#define ANALYZE_H

#include "analyze/source.h"
#include "analyze/figures.h"
#include "analyze/twins.h"

struct analysis {
    struct source source;
    struct figures *figures;
    struct twins twins;
    uint32_t distance; // as in nephos_analyze_params, with the default filled in
    uint32_t samples;
};

enum nephos_status analyze_json(struct nephos_log *log, const struct analysis *analysis, const char *path); // json.c
enum nephos_status analyze_page(struct nephos_log *log, const struct analysis *analysis, const char *path); // page.c

const char *analyze_split_name(enum data_split split); // "train", "val", "test" or "none"

#endif
