// SPDX-License-Identifier: MIT
#include "train/monitor.h"

#include <math.h>
#include <stddef.h>

static const struct monitor {
    const char *name;
    size_t offset; // in struct history_row
    bool lower;    // is better
    bool class_head;
} monitors[] = {
    {"val-dice", offsetof(struct history_row, val_dice), false},         {"val-iou", offsetof(struct history_row, val_iou), false},
    {"val-accuracy", offsetof(struct history_row, val_accuracy), false}, {"val-loss", offsetof(struct history_row, val_loss), true},
    {"train-loss", offsetof(struct history_row, train_loss), true},
    {"val-pr-auc", offsetof(struct history_row, val_pr_auc), false, true},
    {"val-roc-auc", offsetof(struct history_row, val_roc_auc), false, true},
};

const char *monitor_name(uint32_t monitor)
{
    return monitors[monitor].name;
}

bool monitor_needs_class_head(uint32_t monitor)
{
    return monitors[monitor].class_head;
}

double monitor_value(uint32_t monitor, const struct history_row *row)
{
    return *(const double *)((const char *)row + monitors[monitor].offset);
}

bool monitor_is_better(uint32_t monitor, double value, double best, double min_delta)
{
    if (isnan(value)) return false;
    if (isnan(best)) return true;
    return monitors[monitor].lower ? best - value > min_delta : value - best > min_delta;
}
