// SPDX-License-Identifier: MIT
// Which number of an epoch decides what is best and when to stop.
#ifndef TRAIN_MONITOR_H
#define TRAIN_MONITOR_H

#include "report/history.h"

// Choices of --monitor, in the order of the rows of monitor.c.
#define TRAIN_MONITORS "val-dice|val-iou|val-accuracy|val-loss|train-loss|val-pr-auc|val-roc-auc"

// Whether it is a number of the classification head.
bool monitor_needs_class_head(uint32_t monitor);
const char *monitor_name(uint32_t monitor);
double monitor_value(uint32_t monitor, const struct history_row *row);
// Whether `value` is better than `best` by more than `min_delta`. A value that is none (NAN) never is; it is always bettered.
bool monitor_is_better(uint32_t monitor, double value, double best, double min_delta);

#endif
