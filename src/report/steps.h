// SPDX-License-Identifier: MIT
// steps.csv of a run: a header and one row per optimizer step that is asked for. Rows wait in memory until they are saved, which is done
// before a checkpoint: the file is never behind the checkpoint, and rows ahead of it are cut off before training goes on.
#ifndef REPORT_STEPS_H
#define REPORT_STEPS_H

#include "report/text.h"

struct steps_row {
    uint64_t step;  // from 1, over the whole run
    uint32_t epoch; // from 1
    float loss;     // mean over the step's images
    float lr;
    float grad_norm;  // before clipping, without the loss scale; not finite where the step was skipped
    float loss_scale; // 0: none
};

struct steps_log {
    struct text pending;
};

void steps_add(struct steps_log *steps, const struct steps_row *row);
// Appends what is pending to the file; makes it, with the header, where it is missing.
enum nephos_status steps_save(struct nephos_log *log, const char *path, struct steps_log *steps);
// Drops what is pending, and the file's rows behind `last_step`, also one cut off in its middle. No file is fine.
enum nephos_status steps_rewind(struct nephos_log *log, const char *path, uint64_t last_step, struct steps_log *steps);
void steps_free(struct steps_log *steps);

#endif
