// SPDX-License-Identifier: MIT
// Writes a synthetic data set in the competition's layout. train.csv comes last: a folder without it is no data set.
#include "base/file.h"
#include "data/dataset.h"
#include "data/synth_scene.h"

#include <stdlib.h>
#include <string.h>

enum { JPEG_QUALITY = 92 };
static const double val_share = 0.25;

struct canvas { // memory for one picture at a time
    uint32_t height, width;
    uint8_t *rgb, *mask;
};

static enum nephos_status make_image(struct data_set *set, const struct canvas *canvas, uint64_t seed, uint32_t index)
{
    enum nephos_status status = NEPHOS_OK;
    struct data_sample *sample = &set->samples[index];
    struct synth_scene scene;
    char name[32];
    snprintf(name, sizeof name, "cloud-%06u.jpg", index);
    char *folder = base_format("%s/images", set->root);
    if (!folder) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    TRY(data_sample_name(set, sample, folder, name));
    synth_scene_draw(&scene, seed, index);
    synth_scene_paint(&scene, canvas->height, canvas->width, canvas->rgb);
    TRY(data_jpeg_write(set->log, sample->path, canvas->rgb, canvas->height, canvas->width, 3, JPEG_QUALITY));
    for (int c = 0; c < SYNTH_CLASSES; c++) {
        synth_scene_mask(&scene, c, canvas->height, canvas->width, canvas->mask);
        sample->rle[c] = data_rle_encode(canvas->mask, canvas->height, canvas->width);
        if (!sample->rle[c]) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", sample->path);
    }
fail:
    free(folder);
    return status;
}

static enum nephos_status make_set(struct data_set *set, uint32_t images)
{
    enum nephos_status status = NEPHOS_OK;
    for (int c = 0; c < SYNTH_CLASSES; c++) TRY(data_classes_add(set, set->root, synth_class_names[c], DATA_MAX_OVERLAPPING));
    TRY(data_samples_allocate(set, images));
    set->rle_table = calloc((size_t)images * SYNTH_CLASSES, sizeof *set->rle_table);
    if (!set->rle_table) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory for %u images", set->root, images);
    for (uint32_t i = 0; i < images; i++) set->samples[i].rle = set->rle_table + (size_t)i * SYNTH_CLASSES;
fail:
    return status;
}

static enum nephos_status write_classes(const struct data_set *set, const char *path)
{
    struct base_file *file;
    const enum nephos_status status = base_file_create(set->log, path, &file);
    if (status != NEPHOS_OK) return status;
    for (uint32_t c = 0; c < set->class_count; c++) fprintf(base_file_stream(file), "%s\n", set->classes[c]);
    return base_file_commit(&file);
}

static enum nephos_status write_rows(const struct data_set *set, const char *path)
{
    struct base_file *file;
    const enum nephos_status status = base_file_create(set->log, path, &file);
    if (status != NEPHOS_OK) return status;
    fputs("Image_Label,EncodedPixels\n", base_file_stream(file));
    for (uint32_t i = 0; i < set->sample_count; i++)
        for (uint32_t c = 0; c < set->class_count; c++)
            fprintf(base_file_stream(file), "%s_%s,%s\n", set->samples[i].name, set->classes[c], set->samples[i].rle[c]);
    return base_file_commit(&file);
}

static enum nephos_status write_set(struct data_set *set, const struct nephos_synth_params *params, const struct canvas *canvas,
                                    const char *csv)
{
    enum nephos_status status = NEPHOS_OK;
    char *images = base_format("%s/images", set->root), *classes = base_format("%s/classes.txt", set->root);
    char *split = base_format("%s/split.csv", set->root);
    if (!images || !classes || !split) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", set->root);
    TRY(base_dir_create(set->log, images));
    TRY(make_set(set, params->images));
    for (uint32_t i = 0; i < params->images; i++) TRY(make_image(set, canvas, params->seed, i));
    TRY(data_split_draw(set, val_share, params->seed));
    TRY(write_classes(set, classes));
    TRY(data_split_save(set, split));
    TRY(write_rows(set, csv));
fail:
    free(images);
    free(classes);
    free(split);
    return status;
}

// The texts are this file's own; a set that was read has them in one block.
static void free_texts(struct data_set *set)
{
    if (!set || !set->rle_table) return;
    for (size_t i = 0; i < (size_t)set->sample_count * SYNTH_CLASSES; i++) free(set->rle_table[i]);
}

enum nephos_status data_synth(struct nephos_log *log, const struct nephos_synth_params *params)
{
    enum nephos_status status = NEPHOS_OK;
    const size_t pixels = (size_t)params->height * params->width;
    struct canvas canvas = {params->height, params->width, malloc(pixels * 3), malloc(pixels)};
    struct data_set *set = NULL;
    char *csv = NULL;
    if (!canvas.rgb || !canvas.mask)
        FAIL(log, NEPHOS_ERROR_MEMORY, "out of memory for a picture of %u x %u", params->height, params->width);
    TRY(data_set_new(log, params->out_dir, &set));
    csv = base_format("%s/train.csv", set->root);
    if (!csv) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", params->out_dir);
    if (base_file_exists(csv))
        FAIL(log, NEPHOS_ERROR_ARGUMENT, "%s is there already; choose another folder or remove the data set in this one", csv);
    TRY(write_set(set, params, &canvas, csv));
    base_info(log, "%s: %u images of %u x %u with %d classes", set->root, params->images, params->height, params->width, SYNTH_CLASSES);
fail:
    free_texts(set);
    data_set_close(&set);
    free(csv);
    free(canvas.rgb);
    free(canvas.mask);
    return status;
}
