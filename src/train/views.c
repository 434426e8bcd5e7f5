// SPDX-License-Identifier: MIT
#include "train/views.h"

#include <stdlib.h>
#include <string.h>

#define FLIPS 4

static bool is_mirrored(uint32_t view)
{
    return view & 1;
}

static bool is_upside_down(uint32_t view)
{
    return view & 2;
}

// Where pixel `pixel` of image `image` lies in a view. Mirroring twice is doing nothing: the same leads back.
static size_t place(const struct meta *meta, uint32_t view, uint32_t image, size_t pixel)
{
    const size_t y = pixel / meta->width, x = pixel % meta->width;
    const size_t row = is_upside_down(view) ? meta->height - 1 - y : y;
    const size_t column = is_mirrored(view) ? meta->width - 1 - x : x;
    return ((size_t)image * meta->height + row) * meta->width + column;
}

enum nephos_status views_count(struct nephos_log *log, const char *tta, uint32_t *count)
{
    const bool none = !tta || strcmp(tta, "none") == 0;
    if (!none && strcmp(tta, "flips") != 0)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "test-time augmentation '%s' is neither none nor flips", tta);
    *count = none ? 1 : FLIPS;
    return NEPHOS_OK;
}

enum nephos_status views_open(struct predictor *predictor, const char *tta, struct views *views)
{
    const struct meta *meta = &predictor->meta;
    struct nephos_log *log = gpu_log(predictor->gpu);
    const size_t classes = (size_t)predictor->batch * meta->class_count;
    *views = (struct views){.predictor = predictor};
    enum nephos_status status = views_count(log, tta, &views->count);
    bool complete = true;
    for (uint32_t i = 0; status == NEPHOS_OK && views->count > 1 && i < 2; i++) {
        views->sums[i] = malloc(classes * meta->height * meta->width * sizeof(float));
        views->class_sums[i] = malloc(classes * sizeof(float));
        complete = complete && views->sums[i] && views->class_sums[i];
    }
    return complete ? status : base_fail(log, NEPHOS_ERROR_MEMORY, "test-time augmentation: out of memory");
}

void views_close(struct views *views)
{
    for (uint32_t i = 0; i < 2; i++) {
        free(views->sums[i]);
        free(views->class_sums[i]);
    }
    *views = (struct views){0};
}

static enum nephos_status run_view(const struct views *views, uint32_t view, uint32_t slot, const struct data_batch *batch)
{
    const struct network *network = views->predictor->network;
    const struct meta *meta = &views->predictor->meta;
    const size_t pixels = (size_t)meta->height * meta->width;
    uint32_t *input = net_exec_input(network->exec, slot, network->pixels);
    for (uint32_t i = 0; i < network->spec.batch; i++) {
        for (size_t k = 0; k < pixels; k++)
            input[i * pixels + k] = batch->pixels[place(meta, view, i, k)];
    }
    const enum nephos_status status = net_exec_submit(network->exec, slot);
    return status == NEPHOS_OK ? net_exec_wait(network->exec, slot) : status;
}

static void add(float *sum, const float *values, uint32_t count, bool first)
{
    for (uint32_t c = 0; c < count; c++)
        sum[c] = first ? values[c] : sum[c] + values[c];
}

static void add_view(struct views *views, uint32_t view, uint32_t slot, uint32_t images)
{
    const struct network *network = views->predictor->network;
    const struct meta *meta = &views->predictor->meta;
    const size_t pixels = (size_t)meta->height * meta->width;
    const float *probs = net_exec_output(network->exec, slot, network->probs);
    const bool first = view % 2 == 0;
    for (uint32_t i = 0; i < images; i++) {
        const float *class_probs = predictor_class_probs(views->predictor, slot, i);
        for (size_t k = 0; k < pixels; k++) {
            float *sum = views->sums[view / 2] + (i * pixels + k) * meta->class_count;
            add(sum, probs + place(meta, view, i, k) * meta->class_count, meta->class_count, first);
        }
        if (class_probs) add(views->class_sums[view / 2] + (size_t)i * meta->class_count, class_probs, meta->class_count, first);
    }
}

// Mirroring an image exchanges views within the two sums or the sums: with sums of two, the order does not change a bit.
static void take_mean(float *const sums[2], size_t count)
{
    for (size_t i = 0; i < count; i++)
        sums[0][i] = (sums[0][i] + sums[1][i]) / FLIPS;
}

enum nephos_status views_average(struct views *views, uint32_t slot, const struct data_batch *batch)
{
    const struct network *network = views->predictor->network;
    const struct meta *meta = &views->predictor->meta;
    const size_t classes = (size_t)batch->count * meta->class_count;
    views->probs = net_exec_output(network->exec, slot, network->probs);
    views->class_probs = predictor_class_probs(views->predictor, slot, 0);
    if (views->count == 1) return NEPHOS_OK;
    for (uint32_t view = 0; view < views->count; view++) {
        const enum nephos_status status = view == 0 ? NEPHOS_OK : run_view(views, view, slot, batch);
        if (status != NEPHOS_OK) return status;
        add_view(views, view, slot, batch->count);
    }
    take_mean(views->sums, classes * meta->height * meta->width);
    views->probs = views->sums[0];
    if (!views->class_probs) return NEPHOS_OK;
    take_mean(views->class_sums, classes);
    views->class_probs = views->class_sums[0];
    return NEPHOS_OK;
}

const float *views_probs(const struct views *views, uint32_t image)
{
    const struct meta *meta = &views->predictor->meta;
    return views->probs + (size_t)image * meta->height * meta->width * meta->class_count;
}

const float *views_class_probs(const struct views *views, uint32_t image)
{
    return views->class_probs ? views->class_probs + (size_t)image * views->predictor->meta.class_count : NULL;
}
