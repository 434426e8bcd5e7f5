// SPDX-License-Identifier: MIT
// Public entry point: a submission file checked as the competition would, and scored where the truth is at hand.
#include "base/file.h"
#include "data/data.h"
#include "data/submission.h"
#include "train/tally.h"

#include <stdlib.h>
#include <string.h>

#define HEIGHT 350 // the competition's frame
#define WIDTH 525

struct judge {
    struct nephos_log *log;
    const struct nephos_submission_params *params;
    uint32_t height, width;
    struct data_set *set; // NULL: no truth
    struct data_rows rows;
    struct data_submission submission;
};

static enum nephos_status out_of_memory(const struct judge *j)
{
    return base_fail(j->log, NEPHOS_ERROR_MEMORY, "submission: out of memory");
}

static enum nephos_status ask_for_set(struct judge *j)
{
    enum nephos_status status = data_set_open(j->log, j->params->data, &j->set);
    for (uint32_t i = 0; status == NEPHOS_OK && i < j->set->sample_count; i++) {
        for (uint32_t c = 0; c < j->set->class_count && status == NEPHOS_OK; c++)
            status = data_rows_add(j->log, &j->rows, base_format("%s_%s", j->set->samples[i].name, j->set->classes[c]));
    }
    return status;
}

// The truth in the submission's frame: labels[height * width].
static enum nephos_status true_labels(const struct judge *j, uint32_t sample, uint8_t *labels)
{
    uint32_t height, width;
    enum nephos_status status;
    uint8_t *full = NULL;
    TRY(data_image_size(j->log, j->set->samples[sample].path, &height, &width));
    full = malloc((size_t)height * width);
    if (!full) return out_of_memory(j);
    TRY(data_set_labels(j->set, sample, height, width, full));
    data_resize_nearest(full, height, width, labels, j->height, j->width);
fail:
    free(full);
    return status;
}

static enum nephos_status score_image(const struct judge *j, uint32_t sample, uint8_t *labels, uint8_t *masks, struct tally *tally)
{
    const uint32_t classes = j->set->class_count;
    const size_t pixels = (size_t)j->height * j->width;
    enum nephos_status status = true_labels(j, sample, labels);
    for (uint32_t c = 0; c < classes && status == NEPHOS_OK; c++)
        status = data_rle_decode(j->log, j->params->csv, j->submission.codes[(size_t)sample * classes + c], j->height, j->width,
                                 masks + c * pixels);
    if (status == NEPHOS_OK) tally_add_masks(tally, masks, labels, j->set->exclusive, pixels);
    return status;
}

static enum nephos_status score(const struct judge *j, struct nephos_scores *scores)
{
    const size_t pixels = (size_t)j->height * j->width;
    uint8_t *labels = malloc(pixels), *masks = malloc(j->set->class_count * pixels);
    struct tally tally = {0};
    enum nephos_status status = labels && masks ? NEPHOS_OK : out_of_memory(j);
    if (status == NEPHOS_OK) status = tally_create(j->log, j->set->class_count, j->set->exclusive, &tally);
    for (uint32_t i = 0; i < j->set->sample_count && status == NEPHOS_OK; i++)
        status = score_image(j, i, labels, masks, &tally);
    if (status == NEPHOS_OK) status = tally_scores(&tally, j->log, scores);
    tally_free(&tally);
    free(labels);
    free(masks);
    return status;
}

static enum nephos_status judge(struct judge *j, struct nephos_submission *result)
{
    enum nephos_status status;
    struct nephos_submission found = {0};
    TRY(j->params->sample ? data_rows_read(j->log, j->params->sample, &j->rows) : ask_for_set(j));
    TRY(data_submission_read(j->log, j->params->csv, &j->rows, j->height, j->width, &j->submission));
    found.rows = j->rows.count;
    for (uint32_t i = 0; i < j->rows.count; i++)
        found.masks += strpbrk(j->submission.codes[i], "0123456789") != NULL;
    if (j->set) {
        TRY(score(j, &found.scores));
        found.scored = true;
        found.classes = (const char *const *)j->set->classes;
        found.set = j->set;
        j->set = NULL; // the result's
    }
    *result = found;
fail:
    return status;
}

enum nephos_status nephos_submission_check(struct nephos_log *log, const struct nephos_submission_params *params,
                                           struct nephos_submission *result)
{
    if (!params || !result || !params->csv || !params->data == !params->sample)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_submission_check: no file, or not one of data and sample");
    if (!params->height != !params->width || params->height > 65535 || params->width > 65535)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_submission_check: the frame %ux%u is none; give height and width, or neither",
                         params->height, params->width);
    struct judge j = {
        .log = log, .params = params, .height = params->height ? params->height : HEIGHT, .width = params->width ? params->width : WIDTH};
    const enum nephos_status status = judge(&j, result);
    data_submission_free(&j.submission);
    data_rows_free(&j.rows);
    data_set_close(&j.set);
    return status;
}

void nephos_submission_free(struct nephos_submission *result)
{
    if (!result) return;
    struct data_set *set = result->set;
    nephos_scores_free(&result->scores);
    data_set_close(&set);
    *result = (struct nephos_submission){0};
}
