// SPDX-License-Identifier: MIT
// Public entry points: masks as PNG files.
#include "data/data.h"

#include <stdlib.h>

enum nephos_status nephos_mask_write(struct nephos_log *log, const char *path, const uint8_t *mask, uint32_t height, uint32_t width)
{
    if (!path || !mask || !height || !width) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_mask_write: an argument is NULL or 0");
    size_t count = (size_t)height * width;
    uint8_t *pixels = malloc(count);
    if (!pixels) return base_fail(log, NEPHOS_ERROR_MEMORY, "out of memory for a mask of %ux%u", width, height);
    for (size_t i = 0; i < count; i++) pixels[i] = mask[i] ? 255 : 0;
    enum nephos_status status = data_png_write(log, path, pixels, height, width, 1);
    free(pixels);
    return status;
}

enum nephos_status nephos_mask_read(struct nephos_log *log, const char *path, uint8_t **mask, uint32_t *height, uint32_t *width)
{
    if (!path || !mask || !height || !width) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_mask_read: an argument is NULL");
    struct data_image image = {0};
    enum nephos_status status = data_mask_read(log, path, &image);
    if (status != NEPHOS_OK) return status;
    for (size_t i = 0; i < (size_t)image.height * image.width; i++) image.pixels[i] = image.pixels[i] != 0;
    *mask = image.pixels;
    *height = image.height;
    *width = image.width;
    return NEPHOS_OK;
}
