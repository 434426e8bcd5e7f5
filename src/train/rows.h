// SPDX-License-Identifier: MIT
// What a run writes down beside history.csv: steps.csv, a row for each optimizer step that is asked for, and classes.csv, a row for each
// epoch and class, where there is a classification head.
#ifndef TRAIN_ROWS_H
#define TRAIN_ROWS_H

#include "report/row_log.h"
#include "train/ranking.h"

struct rows_step {
    uint64_t step;  // from 1, over the whole run
    uint32_t epoch; // from 1
    float loss;     // mean over the step's images
    float lr;
    float grad_norm;  // before clipping, without the loss scale; not finite where the step was skipped
    float loss_scale; // 0: none
};
struct rows {
    struct row_log steps, classes;
};

void rows_init(struct rows *rows);
void rows_free(struct rows *rows);
void rows_add_step(struct rows *rows, const struct rows_step *step);
void rows_add_classes(struct rows *rows, uint32_t epoch, const char *const *classes, const struct ranking *ranking);
// In the run directory `folder`; as row_log_save and row_log_rewind.
enum nephos_status rows_save(struct nephos_log *log, const char *folder, struct rows *rows);
enum nephos_status rows_rewind(struct nephos_log *log, const char *folder, uint64_t steps, uint32_t epoch, struct rows *rows);

#endif
