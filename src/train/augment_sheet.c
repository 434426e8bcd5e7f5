// SPDX-License-Identifier: MIT
// A picture of what training sees: the same images, records and kernel, without a network behind.
#include "train/augment_sheet.h"

#include "data/data.h"
#include "net/net.h"
#include "report/overlay.h"
#include "report/sheet.h"
#include "train/augment_draw.h"
#include "train/config.h"
#include "train/meta.h"
#include "unpack_image.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct picture {
    struct gpu *gpu;
    struct nephos_log *log;
    const struct nephos_augment_params *params;
    struct train_settings settings;
    struct data_set *set;
    struct meta meta;
    uint32_t *samples; // of the rows
    uint32_t rows;
    struct data_loader *loader;
    struct data_batch *batch; // one image a row

    struct net_graph *graph;
    struct net_store *store;
    struct net_exec *exec;
    op_id pixels, records, out[2];

    struct sheet sheet;
    uint8_t *rgb, *labels; // of one image
};

static void close_picture(struct picture *p)
{
    if (p->batch) data_loader_release(p->loader, p->batch);
    data_loader_close(&p->loader);
    net_exec_destroy(&p->exec);
    net_store_destroy(&p->store);
    net_graph_destroy(&p->graph);
    meta_free(&p->meta);
    data_set_close(&p->set);
    sheet_free(&p->sheet);
    free(p->samples);
    free(p->rgb);
    free(p->labels);
}

// Training images, spread over all there are.
static enum nephos_status choose_samples(struct picture *p)
{
    uint32_t count = 0;
    uint32_t *all = malloc((p->set->sample_count + 1) * sizeof *all);
    if (!all) return base_fail(p->log, NEPHOS_ERROR_MEMORY, "augment: out of memory");
    for (uint32_t i = 0; i < p->set->sample_count; i++) {
        if (p->set->samples[i].split == DATA_TRAIN) all[count++] = i;
    }
    p->rows = p->params->images < count ? p->params->images : count;
    for (uint32_t i = 0; i < p->rows; i++)
        all[i] = all[(uint64_t)i * count / p->rows];
    p->samples = all;
    if (p->rows) return NEPHOS_OK;
    return base_fail(p->log, NEPHOS_ERROR_DATA, "%s: no image is meant for training (of %u); see split.csv", p->set->root,
                     p->set->sample_count);
}

static enum nephos_status load(struct picture *p)
{
    enum nephos_status status;
    const struct train_settings *s = &p->settings;
    TRY(data_set_open(p->log, s->data, &p->set));
    if (!p->set->has_split) TRY(data_split_draw(p->set, s->val_share, s->seed));
    TRY(choose_samples(p));
    TRY(sheet_create(p->log, p->rows, p->params->variants + 1, s->height, s->width, &p->sheet));
    TRY(meta_make(p->log, s, (const char *const *)p->set->classes, p->set->class_count, p->set->exclusive, &p->meta));
    const struct data_loader_params params = {
        .set = p->set,
        .order = p->samples,
        .order_count = p->rows,
        .batch = p->rows,
        .height = s->height,
        .width = s->width,
        .threads = s->threads,
        .prefetch = 2,
        .labels = true,
    };
    TRY(data_loader_open(p->log, &params, &p->loader));
    TRY(data_loader_next(p->loader, &p->batch));
fail:
    return status;
}

static enum nephos_status build(struct picture *p)
{
    enum nephos_status status;
    const struct train_settings *s = &p->settings;
    struct op_attr attr = {.changes = augment_changes(&s->augment), .channels = p->set->class_count, .mode = p->set->exclusive ? UNPACK_INDEX : UNPACK_BITS};
    memcpy(attr.mean, p->meta.mean, sizeof attr.mean);
    memcpy(attr.std, p->meta.std, sizeof attr.std);
    TRY(net_graph_create(p->log, gpu_get_limits(p->gpu), false, &p->graph));
    p->pixels = net_input(p->graph, (struct op_shape){p->rows, s->height, s->width, 1});
    p->records = net_input(p->graph, (struct op_shape){p->rows, 1, 1, sizeof(struct augment_record) / 4});
    net_add(p->graph, "augment", "augment", &attr, (op_id[]){p->pixels, p->records}, 2, p->out);
    TRY(p->graph->status);
    for (int i = 0; i < 2; i++)
        net_mark_output(p->graph, p->out[i]);
    TRY(net_store_create(p->gpu, p->graph, &p->store));
    TRY(net_exec_create(p->gpu, p->graph, p->store, NULL, "augment", &p->exec));
fail:
    return status;
}

// --- one picture ------------------------------------------------------------------------------------------------------

static uint8_t label_of(const struct picture *p, const float *target)
{
    uint32_t label = 0;
    if (p->set->exclusive) return (uint8_t)target[0];
    for (uint32_t c = 0; c < p->set->class_count; c++)
        label |= (uint32_t)(target[c] >= 0.5f) << c;
    return (uint8_t)label;
}

// What image number `row` of the batch came out as.
static void take_result(struct picture *p, uint32_t row)
{
    const size_t pixels = (size_t)p->settings.height * p->settings.width;
    const uint32_t channels = net_shape(p->graph, p->out[1]).c;
    const float *colour = (const float *)net_exec_output(p->exec, 0, p->out[0]) + 3 * pixels * row;
    const float *target = (const float *)net_exec_output(p->exec, 0, p->out[1]) + channels * pixels * row;
    for (size_t i = 0; i < pixels; i++) {
        for (size_t c = 0; c < 3; c++) {
            const float value = (colour[3 * i + c] * p->meta.std[c] + p->meta.mean[c]) * 255;
            p->rgb[3 * i + c] = (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value + 0.5f);
        }
        p->labels[i] = label_of(p, target + channels * i);
    }
}

static enum nephos_status place(struct picture *p, uint32_t row, uint32_t column)
{
    const struct overlay overlay = {
        .classes = (const char *const *)p->set->classes,
        .class_count = p->set->class_count,
        .exclusive = p->set->exclusive,
        .legend = column == 0,
    };
    char caption[32];
    take_result(p, row);
    const enum nephos_status status = overlay_draw(p->log, p->rgb, p->labels, p->settings.height, p->settings.width, &overlay);
    if (status != NEPHOS_OK) return status;
    snprintf(caption, sizeof caption, "epoch %u", column);
    sheet_place(&p->sheet, row, column, p->rgb);
    sheet_caption(&p->sheet, row, column, column ? caption : p->set->samples[p->samples[row]].name);
    return NEPHOS_OK;
}

// Column 0 is the image as it is, the others what training sees in its first epochs.
static void draw_records(struct picture *p, uint32_t column, struct augment_record *records)
{
    static const struct train_augment nothing = {0};
    const struct train_settings *s = &p->settings;
    const struct augment_source plain = {&nothing, TRAIN_FLIP_NONE, s->seed, 0, s->height, s->width};
    const struct augment_source changed = {&s->augment, s->flip, s->seed, column - 1, s->height, s->width};
    augment_draw_batch(column ? &changed : &plain, p->samples, p->rows, records);
}

static enum nephos_status draw_column(struct picture *p, uint32_t column)
{
    enum nephos_status status;
    const size_t pixels = (size_t)p->settings.height * p->settings.width;
    memcpy(net_exec_input(p->exec, 0, p->pixels), p->batch->pixels, p->rows * pixels * sizeof *p->batch->pixels);
    draw_records(p, column, net_exec_input(p->exec, 0, p->records));
    TRY(net_exec_submit(p->exec, 0));
    TRY(net_exec_wait(p->exec, 0));
    for (uint32_t row = 0; row < p->rows; row++)
        TRY(place(p, row, column));
fail:
    return status;
}

static enum nephos_status draw(struct picture *p)
{
    enum nephos_status status;
    const struct train_settings *s = &p->settings;
    const size_t pixels = (size_t)s->height * s->width;
    p->rgb = malloc(3 * pixels);
    p->labels = malloc(pixels);
    if (!p->rgb || !p->labels) FAIL(p->log, NEPHOS_ERROR_MEMORY, "augment: out of memory");
    for (uint32_t column = 0; column < p->sheet.columns; column++)
        TRY(draw_column(p, column));
    TRY(data_png_write(p->log, p->params->out, p->sheet.rgb, p->sheet.sheet_height, p->sheet.sheet_width, 3));
fail:
    return status;
}

enum nephos_status augment_sheet(struct gpu *gpu, const struct nephos_config *config, const struct nephos_augment_params *params)
{
    enum nephos_status status;
    struct picture p = {.gpu = gpu, .log = gpu_log(gpu), .params = params};
    TRY(config_read(config, &p.settings));
    if (!p.settings.data) FAIL(p.log, NEPHOS_ERROR_ARGUMENT, "setting 'data' is missing: name the folder of the data set");
    TRY(load(&p));
    TRY(build(&p));
    TRY(draw(&p));
fail:
    close_picture(&p);
    return status;
}
