// SPDX-License-Identifier: MIT
#include "analyze/measure.h"

#include <stdlib.h>
#include <string.h>

enum nephos_status measure_create(struct nephos_log *log, uint32_t class_count, struct measure *measure)
{
    *measure = (struct measure){.masks = calloc(class_count + 1, sizeof *measure->masks),
                                .cover = calloc((size_t)(class_count + 1) * GRID_ROWS * GRID_COLUMNS, sizeof *measure->cover)};
    if (measure->masks && measure->cover) return NEPHOS_OK;
    measure_free(measure);
    return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory for the figures of %u classes", class_count);
}

void measure_free(struct measure *measure)
{
    free(measure->masks);
    free(measure->cover);
    defects_free(&measure->defects);
    *measure = (struct measure){0};
}

static void clear(struct measure *measure, uint32_t class_count)
{
    struct measure_mask *masks = measure->masks;
    uint32_t *cover = measure->cover;
    memset(masks, 0, class_count * sizeof *masks);
    memset(cover, 0, (size_t)class_count * GRID_ROWS * GRID_COLUMNS * sizeof *cover);
    defects_free(&measure->defects);
    *measure = (struct measure){.masks = masks, .cover = cover};
}

const char *measure_relative(const struct data_set *set, const char *path)
{
    const size_t length = strlen(set->root);
    return strncmp(path, set->root, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

enum nephos_status measure_sample(const struct data_set *set, uint32_t sample, struct measure *measure)
{
    const struct data_sample *s = &set->samples[sample];
    struct data_image image = {0};
    clear(measure, set->class_count);
    enum nephos_status status = data_image_read(set->log, s->path, 0, 0, &image);
    if (status == NEPHOS_ERROR_MEMORY) return status;
    if (status != NEPHOS_OK) {
        defects_add_message(&measure->defects, DEFECT_IMAGE, measure_relative(set, s->path), 0, s->path, nephos_last_error(set->log));
        return NEPHOS_OK;
    }
    measure->readable = true;
    measure_colours(&image, measure);
    data_image_free(&image);
    if (measure->black == (uint64_t)measure->height * measure->width)
        defects_add(&measure->defects, DEFECT_BLACK, measure_relative(set, s->path), 0, "all pixels are black (at most %d of 255)",
                    BLACK_LEVEL);
    return measure_masks(set, sample, measure);
}
