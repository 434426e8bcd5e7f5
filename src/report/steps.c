// SPDX-License-Identifier: MIT
#include "report/steps.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FILE ((uint64_t)4 << 30)
static const char header[] = "step,epoch,loss,lr,grad_norm,loss_scale\n";

void steps_add(struct steps_log *steps, const struct steps_row *row)
{
    text_add(&steps->pending, "%llu,%u,%.9g,%.9g,%.9g,%.9g\n", (unsigned long long)row->step, row->epoch, (double)row->loss,
             (double)row->lr, (double)row->grad_norm, (double)row->loss_scale);
}

enum nephos_status steps_save(struct nephos_log *log, const char *path, struct steps_log *steps)
{
    struct text *pending = &steps->pending;
    if (pending->failed) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for its rows", path);
    if (pending->size == 0) return NEPHOS_OK;
    enum nephos_status status = NEPHOS_OK;
    if (!base_file_exists(path)) status = base_file_write(log, path, header, sizeof header - 1);
    if (status == NEPHOS_OK) status = base_file_append(log, path, pending->bytes, pending->size);
    if (status == NEPHOS_OK) pending->size = 0;
    return status;
}

// Bytes of the file that stay: the header, and whole rows up to that step.
static size_t kept(const char *text, uint64_t last_step)
{
    const char *line = text + sizeof header - 1;
    for (const char *end; (end = strchr(line, '\n')); line = end + 1) {
        if (strtoull(line, NULL, 10) > last_step) break;
    }
    return (size_t)(line - text);
}

enum nephos_status steps_rewind(struct nephos_log *log, const char *path, uint64_t last_step, struct steps_log *steps)
{
    char *text;
    size_t size;
    steps->pending.size = 0;
    if (!base_file_exists(path)) return NEPHOS_OK;
    enum nephos_status status = base_file_read(log, path, MAX_FILE, &text, &size);
    if (status != NEPHOS_OK) return status;
    if (size < sizeof header - 1 || strncmp(text, header, sizeof header - 1) != 0) {
        status = base_fail(log, NEPHOS_ERROR_DATA, "%s:1: not the header of a step log; move the file away to start a new one", path);
    } else {
        const size_t keep = kept(text, last_step);
        if (keep < size) status = base_file_write(log, path, text, keep);
    }
    free(text);
    return status;
}

void steps_free(struct steps_log *steps)
{
    text_free(&steps->pending);
}
