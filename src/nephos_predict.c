// SPDX-License-Identifier: MIT
// Public entry point of prediction to files: one mask per image and class, an overlay per image, a submission file on wish.
#include "base/clock.h"
#include "base/file.h"
#include "data/data.h"
#include "nephos_rules.h"
#include "report/overlay.h"
#include "train/pass.h"
#include "train/views.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_BITS 8 // classes that may overlap in one label byte

struct prediction {
    struct nephos_log *log;
    struct predictor *predictor;
    struct views views;
    const struct nephos_predict_params *params;
    struct rules rules;
    struct data_set *set;
    struct base_file *csv; // NULL: not wanted
    nephos_progress_fn progress;
    void *user;
    uint64_t done;
    double started;
};

static enum nephos_status out_of_memory(const struct prediction *p)
{
    return base_fail(p->log, NEPHOS_ERROR_MEMORY, "prediction: out of memory");
}

// "clouds/0011165.jpg" -> "0011165"
static int stem_length(const char *name)
{
    const char *dot = strrchr(name, '.');
    return (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name));
}

static char *output_path(const struct prediction *p, const char *image, const char *what)
{
    return base_format("%s/%.*s_%s.png", p->params->out_dir, stem_length(image), image, what);
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// "a" with class "b_c" and "a_b" with class "c", or a class named "overlay", would write the same file twice.
static enum nephos_status check_paths(const struct prediction *p)
{
    const struct meta *meta = &p->predictor->meta;
    const size_t count = (size_t)p->set->sample_count * (meta->class_count + 1);
    enum nephos_status status = NEPHOS_OK;
    char **paths = calloc(count + 1, sizeof *paths), **at = paths;
    if (!paths) return out_of_memory(p);
    for (uint32_t i = 0; i < p->set->sample_count; i++) {
        for (uint32_t c = 0; c <= meta->class_count; c++) {
            *at = output_path(p, p->set->samples[i].name, c < meta->class_count ? meta->classes[c] : "overlay");
            if (!*at++) {
                status = out_of_memory(p);
                goto fail;
            }
        }
    }
    qsort(paths, count, sizeof *paths, compare_texts);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(paths[i - 1], paths[i]) == 0)
            FAIL(p->log, NEPHOS_ERROR_ARGUMENT,
                 "%s would be written twice, for two images or classes; predict the images into different folders", paths[i]);
    }
fail:
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
    return status;
}

static enum nephos_status write_png(const struct prediction *p, const char *image, const char *what, const uint8_t *pixels, uint32_t height,
                                    uint32_t width, uint32_t channels)
{
    char *path = output_path(p, image, what);
    if (!path) return out_of_memory(p);
    const enum nephos_status status = data_png_write(p->log, path, pixels, height, width, channels);
    free(path);
    return status;
}

// masks[class][pixels] of 0 and 1.
static enum nephos_status write_masks(const struct prediction *p, const char *image, const uint8_t *masks, uint32_t height, uint32_t width)
{
    const struct meta *meta = &p->predictor->meta;
    const size_t pixels = (size_t)height * width;
    uint8_t *grey = malloc(pixels);
    if (!grey) return out_of_memory(p);
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t c = 0; c < meta->class_count && status == NEPHOS_OK; c++) {
        for (size_t i = 0; i < pixels; i++)
            grey[i] = masks[c * pixels + i] ? 255 : 0;
        status = write_png(p, image, meta->classes[c], grey, height, width, 1);
    }
    free(grey);
    return status;
}

static enum nephos_status write_overlay(const struct prediction *p, const struct data_sample *sample, const uint8_t *masks)
{
    const struct meta *meta = &p->predictor->meta;
    struct data_image image = {0};
    uint8_t *rgb = NULL, *labels = NULL;
    enum nephos_status status;
    TRY(data_image_read(p->log, sample->path, 0, 0, &image));
    const size_t pixels = (size_t)image.height * image.width;
    rgb = malloc(3 * pixels);
    labels = malloc(pixels);
    if (!rgb || !labels) {
        status = out_of_memory(p);
        goto fail;
    }
    for (size_t i = 0; i < 3 * pixels; i++)
        rgb[i] = image.pixels[image.channels == 3 ? i : i / 3];
    const bool exclusive = meta->exclusive || meta->class_count > LABEL_BITS; // of more classes a picture shows the last one only
    predictor_labels(masks, meta->class_count, pixels, exclusive, labels);
    const struct overlay overlay = {.classes = (const char *const *)meta->classes,
                                    .class_count = meta->class_count,
                                    .exclusive = exclusive,
                                    .tint = true,
                                    .legend = true};
    TRY(overlay_draw(p->log, rgb, labels, image.height, image.width, &overlay));
    TRY(write_png(p, sample->name, "overlay", rgb, image.height, image.width, 3));
fail:
    free(rgb);
    free(labels);
    data_image_free(&image);
    return status;
}

// "IMAGE_CLASS", in quotes where a comma or a quote in the file's name would break the row.
static void write_field(FILE *stream, const char *image, const char *class_name)
{
    const char *quote = strpbrk(image, ",\"\r\n") ? "\"" : "";
    fputs(quote, stream);
    for (; *image; image++) {
        if (*image == '"') fputc('"', stream);
        fputc(*image, stream);
    }
    fprintf(stream, "_%s%s", class_name, quote);
}

static enum nephos_status write_rows(const struct prediction *p, const char *image, const uint8_t *masks, uint32_t height, uint32_t width)
{
    const struct meta *meta = &p->predictor->meta;
    for (uint32_t c = 0; c < meta->class_count; c++) {
        char *rle = data_rle_encode(masks + (size_t)c * height * width, height, width);
        if (!rle) return out_of_memory(p);
        write_field(base_file_stream(p->csv), image, meta->classes[c]);
        fprintf(base_file_stream(p->csv), ",%s\n", rle);
        free(rle);
    }
    return NEPHOS_OK;
}

// What the network says of one image.
struct verdict {
    const float *probs, *class_probs; // as rules_apply takes them
};

static enum nephos_status make_masks(const struct prediction *p, const struct verdict *verdict, uint32_t height, uint32_t width,
                                     uint8_t *masks)
{
    return rules_apply(&p->rules, &p->predictor->meta, p->log, verdict->probs, verdict->class_probs, height, width, masks);
}

static enum nephos_status write_csv(const struct prediction *p, const char *image, const struct verdict *verdict, const uint8_t *masks,
                                    uint32_t height, uint32_t width)
{
    const uint32_t h = p->params->csv_height, w = p->params->csv_width;
    if (!p->csv) return NEPHOS_OK;
    if (h == 0 || (h == height && w == width)) return write_rows(p, image, masks, height, width);
    uint8_t *framed = malloc((size_t)p->predictor->meta.class_count * h * w);
    if (!framed) return out_of_memory(p);
    enum nephos_status status = make_masks(p, verdict, h, w, framed);
    if (status == NEPHOS_OK) status = write_rows(p, image, framed, h, w);
    free(framed);
    return status;
}

static enum nephos_status write_image(const struct prediction *p, uint32_t index, const struct verdict *verdict, uint32_t height,
                                      uint32_t width)
{
    const struct meta *meta = &p->predictor->meta;
    const struct data_sample *sample = &p->set->samples[index];
    uint8_t *masks = malloc((size_t)meta->class_count * height * width);
    if (!masks) return out_of_memory(p);
    enum nephos_status status;
    TRY(make_masks(p, verdict, height, width, masks));
    TRY(write_masks(p, sample->name, masks, height, width));
    TRY(write_overlay(p, sample, masks));
    TRY(write_csv(p, sample->name, verdict, masks, height, width));
fail:
    free(masks);
    return status;
}

static enum nephos_status end_batch(void *user, uint32_t slot, const struct data_batch *batch)
{
    struct prediction *p = user;
    enum nephos_status status = views_average(&p->views, slot, batch);
    for (uint32_t i = 0; i < batch->count && status == NEPHOS_OK; i++) {
        const struct verdict verdict = {views_probs(&p->views, i), views_class_probs(&p->views, i)};
        status = write_image(p, batch->samples[i], &verdict, batch->full_height[i], batch->full_width[i]);
    }
    p->done += batch->count;
    if (status != NEPHOS_OK || !p->progress) return status;
    const struct nephos_progress progress = {
        .phase = NEPHOS_PHASE_PREDICT, .done = p->done, .total = p->set->sample_count, .seconds = base_clock() - p->started, .loss = NAN};
    return p->progress(p->user, &progress) ? NEPHOS_OK : NEPHOS_INTERRUPTED;
}

static enum nephos_status run_images(struct prediction *p)
{
    const uint32_t count = p->set->sample_count;
    uint32_t batch = 0;
    uint32_t *order = malloc((count + 1) * sizeof *order);
    if (!order) return out_of_memory(p);
    for (uint32_t i = 0; i < count; i++)
        order[i] = i;
    enum nephos_status status = predictor_batch(p->predictor, p->params->batch, count, &batch);
    if (status == NEPHOS_OK) status = predictor_prepare(p->predictor, batch);
    if (status == NEPHOS_OK) status = views_open(&p->views);
    const struct pass pass = {
        .network = p->predictor->network,
        .set = p->set,
        .order = order,
        .order_count = count,
        .threads = p->params->threads,
        .end = end_batch,
        .user = p,
    };
    if (status == NEPHOS_OK) status = pass_run(&pass, NULL);
    free(order);
    return status;
}

static enum nephos_status predict(struct prediction *p)
{
    enum nephos_status status;
    TRY(data_set_from_paths(p->log, p->params->paths, p->params->path_count, &p->set));
    TRY(check_paths(p));
    TRY(base_dir_create(p->log, p->params->out_dir));
    if (p->params->csv) {
        TRY(base_file_create(p->log, p->params->csv, &p->csv));
        fputs("Image_Label,EncodedPixels\n", base_file_stream(p->csv));
    }
    TRY(run_images(p));
    if (p->csv) TRY(base_file_commit(&p->csv));
fail:
    return status;
}

static enum nephos_status check_params(struct nephos_log *log, const struct nephos_predict_params *params)
{
    bool complete = params && params->paths && params->path_count > 0 && params->out_dir && *params->out_dir;
    for (size_t i = 0; complete && i < params->path_count; i++)
        complete = params->paths[i] != NULL;
    if (!complete) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_predict_files: no images or no output folder");
    if ((params->csv_height == 0) != (params->csv_width == 0) || params->csv_height > 65535 || params->csv_width > 65535)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT,
                         "nephos_predict_files: the frame %ux%u of the submission is none; give height and width, or neither",
                         params->csv_height, params->csv_width);
    return NEPHOS_OK;
}

enum nephos_status nephos_predict_files(struct nephos_model *model, const struct nephos_predict_params *params, nephos_progress_fn progress,
                                        void *user)
{
    if (!model) return base_fail(NULL, NEPHOS_ERROR_ARGUMENT, "nephos_predict_files: the model is NULL");
    enum nephos_status status = check_params(model->log, params);
    if (status != NEPHOS_OK) return status;
    struct prediction p = {
        .log = model->log, .predictor = model->predictor, .params = params, .progress = progress, .user = user, .started = base_clock()};
    status = rules_make(model, params->threshold, params->class_threshold, &params->post, params->other_count > 0, &p.rules);
    if (status == NEPHOS_OK) status = ensemble_start(model, params->others, params->other_count, params->tta, &p.views);
    if (status == NEPHOS_OK) status = predict(&p);
    views_close(&p.views);
    base_file_abort(&p.csv);
    data_set_close(&p.set);
    return status;
}
