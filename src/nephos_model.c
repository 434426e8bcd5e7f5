// SPDX-License-Identifier: MIT
// Public entry points of models: loading, and predicting one image in memory.
#include "data/data.h"
#include "nephos_internal.h"
#include "train/predictor.h"

#include <stdlib.h>
#include <string.h>

enum nephos_status nephos_model_load(struct nephos_device *device, const char *path, struct nephos_model **model)
{
    if (!device || !path || !model)
        return base_fail(device ? device->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_model_load: a parameter is NULL");
    struct nephos_model *created = calloc(1, sizeof *created);
    if (!created) return base_fail(device->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", path);
    const enum nephos_status status = predictor_create(device->gpu, path, &created->predictor);
    if (status != NEPHOS_OK) {
        free(created);
        return status;
    }
    const struct predictor *p = created->predictor;
    created->log = device->log;
    created->info = (struct nephos_model_info){
        .arch = p->meta.arch,
        .encoder = p->meta.encoder,
        .encoder_width = p->meta.encoder_width,
        .height = p->meta.height,
        .width = p->meta.width,
        .class_count = p->meta.class_count,
        .classes = (const char *const *)p->meta.classes,
        .exclusive = p->meta.exclusive,
        .class_head = p->meta.class_head,
        .parameter_count = p->parameter_count,
    };
    *model = created;
    return NEPHOS_OK;
}

void nephos_model_destroy(struct nephos_model **model)
{
    if (!model || !*model) return;
    predictor_destroy(&(*model)->predictor);
    free(*model);
    *model = NULL;
}

enum nephos_status nephos_model_set_precision(struct nephos_model *model, const char *precision)
{
    if (!model) return base_fail(NULL, NEPHOS_ERROR_ARGUMENT, "nephos_model_set_precision: the model is NULL");
    return predictor_set_precision(model->predictor, precision);
}

const struct nephos_model_info *nephos_model_get_info(const struct nephos_model *model)
{
    return model ? &model->info : NULL;
}

static enum nephos_status check_image(struct nephos_log *log, const struct nephos_image *image)
{
    if (!image || !image->pixels || image->height == 0 || image->width == 0 || image->height > 65535 || image->width > 65535)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_model_predict: the image is empty or above 65535 pixels a side");
    if ((image->channels != 1 && image->channels != 3 && image->channels != 4) || (image->bits != 8 && image->bits != 16))
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_model_predict: %u channels of %u bits; must be 1, 3 or 4 channels of 8 or 16",
                         image->channels, image->bits);
    const size_t least = (size_t)image->width * image->channels * (image->bits / 8);
    if (image->row_stride != 0 && image->row_stride < least)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_model_predict: a row stride of %zu bytes, a row has %zu", image->row_stride,
                         least);
    return NEPHOS_OK;
}

static uint8_t sample(const struct nephos_image *image, uint32_t y, uint32_t x, uint32_t channel)
{
    const size_t stride = image->row_stride ? image->row_stride : (size_t)image->width * image->channels * (image->bits / 8);
    const uint8_t *row = (const uint8_t *)image->pixels + y * stride;
    const size_t at = (size_t)x * image->channels + (image->channels == 1 ? 0 : channel);
    if (image->bits == 8) return row[at];
    uint16_t value;
    memcpy(&value, row + 2 * at, sizeof value);
    return (uint8_t)((value + 128u) / 257u);
}

// The network's input words: the image as 8-bit RGB, resized.
static enum nephos_status pack(const struct nephos_image *image, const struct meta *meta, struct nephos_log *log, uint32_t *words)
{
    const size_t pixels = (size_t)meta->height * meta->width;
    uint8_t *full = malloc((size_t)image->height * image->width * 3), *small = malloc(pixels * 3);
    if (full && small) {
        uint8_t *at = full;
        for (uint32_t y = 0; y < image->height; y++) {
            for (uint32_t x = 0; x < image->width; x++) {
                for (uint32_t c = 0; c < 3; c++) *at++ = sample(image, y, x, c);
            }
        }
        data_resize(full, image->height, image->width, 3, small, meta->height, meta->width);
        for (size_t i = 0; i < pixels; i++) words[i] = small[3 * i] | (uint32_t)small[3 * i + 1] << 8 | (uint32_t)small[3 * i + 2] << 16;
    }
    const bool complete = full && small;
    free(full);
    free(small);
    return complete ? NEPHOS_OK : base_fail(log, NEPHOS_ERROR_MEMORY, "nephos_model_predict: out of memory");
}

enum nephos_status nephos_model_predict(struct nephos_model *model, const struct nephos_image *image, float *probs)
{
    enum nephos_status status;
    if (!model || !probs) return base_fail(model ? model->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_model_predict: a parameter is NULL");
    struct predictor *p = model->predictor;
    TRY(check_image(model->log, image));
    TRY(predictor_prepare(p, 1));
    TRY(pack(image, &p->meta, model->log, net_exec_input(p->network->exec, 0, p->network->pixels)));
    TRY(net_exec_submit(p->network->exec, 0));
    TRY(net_exec_wait(p->network->exec, 0));
    const float *small = net_exec_output(p->network->exec, 0, p->network->probs);
    for (uint32_t c = 0; c < p->meta.class_count; c++)
        TRY(predictor_plane(&p->meta, model->log, small, c, image->height, image->width, probs + (size_t)c * image->height * image->width));
fail:
    return status;
}
