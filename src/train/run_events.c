// SPDX-License-Identifier: MIT
// What TensorBoard shows of a run: an epoch's numbers, and at the end the report's examples.
#include "train/run.h"

#include "data/data.h"
#include "report/overlay.h"
#include "report/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum nephos_status run_events_row(struct run *run, const struct history_row *row)
{
    const enum nephos_status status = events_add_row(run->log, run->settings.out, row, &run->events);
    return status == NEPHOS_OK ? events_save(run->log, &run->events) : status;
}

// The prediction tinted, the labels dashed, as in the report.
static enum nephos_status draw(struct nephos_log *log, const struct report *report, const struct report_example *example, uint8_t *rgb)
{
    struct overlay labels = {report->classes, report->class_count, report->exclusive, false, false, 6}, found = labels;
    found.tint = true;
    found.dash = 0;
    const enum nephos_status status = overlay_draw(log, rgb, example->prediction, example->height, example->width, &found);
    return status == NEPHOS_OK ? overlay_draw(log, rgb, example->truth, example->height, example->width, &labels) : status;
}

static enum nephos_status add_example(struct run *run, const struct report *report, uint32_t i)
{
    const struct report_example *example = &report->examples[i];
    const size_t size = (size_t)example->height * example->width * 3;
    char tag[32];
    uint8_t *rgb = malloc(size), *png = NULL;
    enum nephos_status status = NEPHOS_OK;
    if (!rgb) FAIL(run->log, NEPHOS_ERROR_MEMORY, "no memory to draw %s", example->name);
    snprintf(tag, sizeof tag, "examples/%u", i + 1);
    struct events_image image = {.tag = tag, .height = example->height, .width = example->width};
    memcpy(rgb, example->rgb, size);
    TRY(draw(run->log, report, example, rgb));
    TRY(data_png_encode(run->log, rgb, example->height, example->width, 3, &png, &image.size));
    image.png = png;
    TRY(events_add_image(run->log, run->settings.out, run->state.best_epoch, &image, &run->events));
fail:
    free(png);
    free(rgb);
    return status;
}

enum nephos_status run_events_examples(struct run *run, const struct report *report)
{
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < report->example_count && status == NEPHOS_OK; i++)
        status = add_example(run, report, i);
    return status == NEPHOS_OK ? events_save(run->log, &run->events) : status;
}
