// SPDX-License-Identifier: MIT
// history.csv of a run: a header and one row per epoch.
#ifndef REPORT_HISTORY_H
#define REPORT_HISTORY_H

#include "base/status.h"

// Means over an epoch; Dice as the competition defines it. NAN: not measured.
struct history_row {
    uint32_t epoch; // from 1
    double train_loss, train_dice, train_iou, train_accuracy;
    double val_loss, val_dice, val_iou, val_accuracy;
    double val_pr_auc, val_roc_auc; // of the classification head, means over the classes
    double lr, seconds, images_per_second;
    double wait_share; // of the time, spent waiting for data
};
struct history {
    struct history_row *rows; // ascending epochs
    uint32_t count;
    uint32_t best_epoch; // as another measure than the Dice may have it; 0: by the Dice
};

// Adds a row and rewrites the file, atomically. Values are rounded to the nine digits the file holds, so that a history that was
// loaded again is the same to the bit.
enum nephos_status history_append(struct nephos_log *log, const char *path, struct history *history, const struct history_row *row);
// Reads a file; a missing one is an empty history. `last_epoch`: rows behind it are left out (the checkpoint that training
// resumes from may be older than the last row).
enum nephos_status history_load(struct nephos_log *log, const char *path, uint32_t last_epoch, struct history *history);
// The name and value of the column behind "epoch" with this index; NULL behind the last.
const char *history_column(const struct history_row *row, uint32_t index, double *value);
void history_free(struct history *history);

// The row of best_epoch, else that with the best validation Dice, the first of equals; NULL when there is none.
const struct history_row *history_best(const struct history *history);

#endif
