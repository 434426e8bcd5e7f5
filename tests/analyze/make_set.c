// SPDX-License-Identifier: MIT
#include "analyze/make_set.h"

#include "base/file.h"
#include "common/folder.h"
#include "data/data.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void analyze_setup(void)
{
    folder_setup();
    cr_assert_eq(base_dir_create(folder_log, folder_file("set/images")), NEPHOS_OK);
}

void analyze_write_text(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "set/%s", name);
    folder_write(folder_file(path), text, strlen(text));
}

void analyze_write_picture(const char *name, uint32_t height, uint32_t width, uint32_t seed, uint8_t level)
{
    char path[128];
    uint8_t *rgb = malloc((size_t)height * width * 3);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (uint32_t c = 0; c < 3; c++)
                rgb[(y * width + x) * 3 + c] =
                    (uint8_t)(level + level * ((x * 5 / width * 7 + y * 4 / height * 11 + c + seed) * (seed * 2 + 3) % 13) / 13);
    snprintf(path, sizeof path, "set/images/%s", name);
    cr_assert_eq(data_png_write(folder_log, folder_file(path), rgb, height, width, 3), NEPHOS_OK);
    free(rgb);
}
