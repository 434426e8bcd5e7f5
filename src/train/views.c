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

enum nephos_status views_start(struct predictor *predictor, const char *tta, struct views *views)
{
    const bool none = !tta || strcmp(tta, "none") == 0;
    if (!none && strcmp(tta, "flips") != 0)
        return base_fail(gpu_log(predictor->gpu), NEPHOS_ERROR_ARGUMENT, "test-time augmentation '%s' is neither none nor flips", tta);
    *views = (struct views){.predictor = predictor, .count = none ? 1 : FLIPS};
    return NEPHOS_OK;
}

static bool same_classes(const struct meta *a, const struct meta *b)
{
    bool same = a->class_count == b->class_count && a->exclusive == b->exclusive && !a->class_head == !b->class_head;
    for (uint32_t c = 0; same && c < a->class_count; c++)
        same = strcmp(a->classes[c], b->classes[c]) == 0;
    return same;
}

enum nephos_status views_add(struct views *views, struct predictor *other)
{
    const struct meta *first = &views->predictor->meta, *meta = &other->meta;
    struct nephos_log *log = gpu_log(views->predictor->gpu);
    if (views->other_count == VIEWS_OTHERS) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "ensemble: more than %d models", VIEWS_OTHERS + 1);
    if (meta->height != first->height || meta->width != first->width)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "ensemble: the model in %s takes images of %ux%u, the first one of %ux%u",
                         other->folder, meta->height, meta->width, first->height, first->width);
    if (!same_classes(first, meta))
        return base_fail(log, NEPHOS_ERROR_ARGUMENT,
                         "ensemble: the model in %s has other classes than the first one, or another activation or head", other->folder);
    views->others[views->other_count++] = other;
    return NEPHOS_OK;
}

static bool allocate(float **probs, float **class_probs, size_t classes, size_t pixels)
{
    *probs = malloc(classes * pixels * sizeof(float));
    *class_probs = malloc(classes * sizeof(float));
    return *probs && *class_probs;
}

enum nephos_status views_open(struct views *views)
{
    const struct meta *meta = &views->predictor->meta;
    const size_t classes = (size_t)views->predictor->batch * meta->class_count, pixels = (size_t)meta->height * meta->width;
    bool complete = true;
    for (uint32_t i = 0; views->count > 1 && i < 2; i++)
        complete = allocate(&views->sums[i], &views->class_sums[i], classes, pixels) && complete;
    if (views->other_count > 0) complete = allocate(&views->total, &views->class_total, classes, pixels) && complete;
    if (!complete) return base_fail(gpu_log(views->predictor->gpu), NEPHOS_ERROR_MEMORY, "test-time augmentation: out of memory");
    for (uint32_t i = 0; i < views->other_count; i++) {
        const enum nephos_status status = predictor_prepare(views->others[i], views->predictor->batch);
        if (status != NEPHOS_OK) return status;
        net_exec_refresh(views->others[i]->network->exec);
    }
    return NEPHOS_OK;
}

void views_close(struct views *views)
{
    for (uint32_t i = 0; i < 2; i++) {
        free(views->sums[i]);
        free(views->class_sums[i]);
    }
    free(views->total);
    free(views->class_total);
    *views = (struct views){0};
}

static enum nephos_status run_view(const struct predictor *predictor, uint32_t view, uint32_t slot, const struct data_batch *batch)
{
    const struct network *network = predictor->network;
    const struct meta *meta = &predictor->meta;
    const size_t pixels = (size_t)meta->height * meta->width;
    uint32_t *input = net_exec_input(network->exec, slot, network->pixels);
    for (uint32_t i = 0; i < network->spec.batch; i++) {
        for (size_t k = 0; k < pixels; k++)
            input[i * pixels + k] = batch->pixels[place(meta, view, i, k)];
    }
    if (network->flags != OP_NONE) memset(net_exec_input(network->exec, slot, network->flags), 0, (size_t)4 * network->spec.batch);
    const enum nephos_status status = net_exec_submit(network->exec, slot);
    return status == NEPHOS_OK ? net_exec_wait(network->exec, slot) : status;
}

static void add(float *sum, const float *values, uint32_t count, bool first)
{
    for (uint32_t c = 0; c < count; c++)
        sum[c] = first ? values[c] : sum[c] + values[c];
}

static void add_view(struct views *views, const struct predictor *predictor, uint32_t view, uint32_t slot, uint32_t images)
{
    const struct network *network = predictor->network;
    const struct meta *meta = &predictor->meta;
    const size_t pixels = (size_t)meta->height * meta->width;
    const float *probs = net_exec_output(network->exec, slot, network->probs);
    const bool first = view % 2 == 0;
    for (uint32_t i = 0; i < images; i++) {
        const float *class_probs = predictor_class_probs(predictor, slot, i);
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

// One model's probabilities, view 0 of which has run.
static enum nephos_status average_views(struct views *views, const struct predictor *predictor, uint32_t slot,
                                        const struct data_batch *batch)
{
    const struct network *network = predictor->network;
    const size_t classes = (size_t)batch->count * predictor->meta.class_count;
    views->probs = net_exec_output(network->exec, slot, network->probs);
    views->class_probs = predictor_class_probs(predictor, slot, 0);
    if (views->count == 1) return NEPHOS_OK;
    for (uint32_t view = 0; view < views->count; view++) {
        const enum nephos_status status = view == 0 ? NEPHOS_OK : run_view(predictor, view, slot, batch);
        if (status != NEPHOS_OK) return status;
        add_view(views, predictor, view, slot, batch->count);
    }
    take_mean(views->sums, classes * predictor->meta.height * predictor->meta.width);
    views->probs = views->sums[0];
    if (!views->class_probs) return NEPHOS_OK;
    take_mean(views->class_sums, classes);
    views->class_probs = views->class_sums[0];
    return NEPHOS_OK;
}

// The last model of `models` makes a mean of the sum.
static void add_model(float *total, const float *values, size_t count, uint32_t model, uint32_t models)
{
    for (size_t i = 0; i < count; i++) {
        const float sum = model == 0 ? values[i] : total[i] + values[i];
        total[i] = model + 1 == models ? sum / (float)models : sum;
    }
}

enum nephos_status views_average(struct views *views, uint32_t slot, const struct data_batch *batch)
{
    const struct meta *meta = &views->predictor->meta;
    const size_t classes = (size_t)batch->count * meta->class_count;
    const uint32_t models = views->other_count + 1;
    enum nephos_status status = average_views(views, views->predictor, slot, batch);
    if (models == 1 || status != NEPHOS_OK) return status;
    for (uint32_t m = 0; m < models; m++) {
        if (m > 0) status = run_view(views->others[m - 1], 0, slot, batch);
        if (m > 0 && status == NEPHOS_OK) status = average_views(views, views->others[m - 1], slot, batch);
        if (status != NEPHOS_OK) return status;
        add_model(views->total, views->probs, classes * meta->height * meta->width, m, models);
        if (views->class_probs) add_model(views->class_total, views->class_probs, classes, m, models);
    }
    views->probs = views->total;
    if (views->class_probs) views->class_probs = views->class_total;
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
