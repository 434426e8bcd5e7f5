// SPDX-License-Identifier: MIT
#include "common/pictures.h"
#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>

static void check(bool good, const char *what)
{
    if (good) return;
    fprintf(stderr, "pictures: %s\n", what);
    abort();
}

uint32_t pictures_height(uint32_t i)
{
    return 20 + 7 * i % 31;
}

uint32_t pictures_width(uint32_t i)
{
    return 25 + 5 * i % 43;
}

static void write_sample(struct nephos_log *log, const struct data_sample *sample, uint32_t i)
{
    uint32_t height = pictures_height(i), width = pictures_width(i), channels = i % 3 == 2 ? 1 : 3;
    uint8_t *pixels = malloc((size_t)height * width * 3), *mask = malloc((size_t)height * width);
    check(pixels && mask, "no memory");
    for (uint32_t k = 0; k < height * width * channels; k++) pixels[k] = (uint8_t)(k * 13 + i * 31 + (k >> 6));
    for (uint32_t k = 0; k < height * width; k++) mask[k] = (uint8_t)((k % width * 3 / width + i) % 3);
    check(data_png_write(log, sample->path, pixels, height, width, channels) == NEPHOS_OK, "can't write an image");
    check(data_png_write(log, sample->mask_path, mask, height, width, 1) == NEPHOS_OK, "can't write a mask");
    free(pixels);
    free(mask);
}

struct data_set *pictures_create(struct nephos_log *log, const char *folder, uint32_t count)
{
    static char *classes[] = {"low", "middle", "high"};
    struct data_set *set = calloc(1, sizeof *set);
    check(set && (set->samples = calloc(count, sizeof *set->samples)), "no memory");
    set->log = log;
    set->classes = classes;
    set->class_count = 3;
    set->exclusive = true;
    set->sample_count = count;
    for (uint32_t i = 0; i < count; i++) {
        struct data_sample *sample = &set->samples[i];
        sample->name = base_format("%04u.png", i);
        sample->path = base_format("%s/%04u.png", folder, i);
        sample->mask_path = base_format("%s/%04u_mask.png", folder, i);
        check(sample->name && sample->path && sample->mask_path, "no memory");
        write_sample(log, sample, i);
    }
    return set;
}

void pictures_free(struct data_set *set)
{
    for (uint32_t i = 0; i < set->sample_count; i++) {
        free(set->samples[i].name);
        free(set->samples[i].path);
        free(set->samples[i].mask_path);
    }
    free(set->samples);
    free(set);
}
