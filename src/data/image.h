// SPDX-License-Identifier: MIT
// Between image.c and the two formats. The files are open and rewound; `path` is for messages only.
#ifndef DATA_IMAGE_H
#define DATA_IMAGE_H

#include "data/data.h"

#include <stdio.h>

#define IMAGE_MAX_SIDE 65535
#define IMAGE_MAX_PIXELS ((uint64_t)1 << 28)

struct image_source {
    struct nephos_log *log;
    const char *path;
    FILE *stream;
    uint64_t size; // bytes of the file
};

enum image_part {
    IMAGE_HEADER, // height, width, full_height, full_width only
    IMAGE_PIXELS,
    IMAGE_STORED, // PNG: sample values without any colour conversion
};

// Checks what a header declares before anything of that size is allocated.
enum nephos_status image_check_size(const struct image_source *source, uint64_t height, uint64_t width);
// Sets image->pixels for the image's height, width and channels.
enum nephos_status image_allocate(const struct image_source *source, struct data_image *image);
// On failure the caller frees the image.
enum nephos_status image_png_read(const struct image_source *source, enum image_part part, struct data_image *image);
enum nephos_status image_jpeg_read(const struct image_source *source, enum image_part part, uint32_t want_height, uint32_t want_width,
                                   struct data_image *image);

#endif
