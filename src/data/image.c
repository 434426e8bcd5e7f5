// SPDX-License-Identifier: MIT
// Picture files: the format is told by the first bytes, never by the name. EXIF orientation is ignored: masks and run-length codes
// describe the pixels as stored.
#include "data/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum format { FORMAT_UNKNOWN, FORMAT_PNG, FORMAT_JPEG };

enum nephos_status image_check_size(const struct image_source *source, uint64_t height, uint64_t width)
{
    if (height == 0 || width == 0)
        return base_fail(source->log, NEPHOS_ERROR_DATA, "%s: the image has no pixels (height %llu, width %llu)", source->path,
                         (unsigned long long)height, (unsigned long long)width);
    if (height > IMAGE_MAX_SIDE || width > IMAGE_MAX_SIDE || height * width > IMAGE_MAX_PIXELS)
        return base_fail(source->log, NEPHOS_ERROR_DATA,
                         "%s: height %llu, width %llu is too large (at most %d pixels a side and %llu in all); cut it into pieces",
                         source->path, (unsigned long long)height, (unsigned long long)width, IMAGE_MAX_SIDE,
                         (unsigned long long)IMAGE_MAX_PIXELS);
    return NEPHOS_OK;
}

enum nephos_status image_allocate(const struct image_source *source, struct data_image *image)
{
    size_t size = (size_t)image->height * image->width * image->channels;
    image->pixels = malloc(size);
    if (image->pixels) return NEPHOS_OK;
    return base_fail(source->log, NEPHOS_ERROR_MEMORY, "%s: no memory for %zu bytes of pixels", source->path, size);
}

static enum nephos_status read_start(struct image_source *source, enum format *format)
{
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    uint8_t start[8];
    size_t count = fread(start, 1, sizeof start, source->stream);
    if (ferror(source->stream))
        return base_fail(source->log, NEPHOS_ERROR_FILE, "%s: can't be read: %s", source->path, strerror(errno));
    if (count == 0) return base_fail(source->log, NEPHOS_ERROR_DATA, "%s: the file is empty", source->path);
    *format = count == 8 && memcmp(start, png, 8) == 0                                  ? FORMAT_PNG
              : count >= 3 && start[0] == 0xff && start[1] == 0xd8 && start[2] == 0xff ? FORMAT_JPEG
                                                                                        : FORMAT_UNKNOWN;
    if (*format == FORMAT_UNKNOWN)
        return base_fail(source->log, NEPHOS_ERROR_DATA, "%s: neither a PNG nor a JPEG file", source->path);
    return NEPHOS_OK;
}

static enum nephos_status open_source(struct image_source *source, enum format *format)
{
    source->stream = fopen(source->path, "rb");
    if (!source->stream) return base_fail(source->log, NEPHOS_ERROR_FILE, "%s: can't be opened: %s", source->path, strerror(errno));
    enum nephos_status status = read_start(source, format);
    if (status != NEPHOS_OK) return status;
    if (fseeko(source->stream, 0, SEEK_END) != 0 || ftello(source->stream) < 0)
        return base_fail(source->log, NEPHOS_ERROR_FILE, "%s: not a regular file", source->path);
    source->size = (uint64_t)ftello(source->stream);
    rewind(source->stream);
    return NEPHOS_OK;
}

static enum nephos_status read_image(struct nephos_log *log, const char *path, enum image_part part, uint32_t want_height,
                                     uint32_t want_width, struct data_image *image)
{
    struct image_source source = {.log = log, .path = path};
    struct data_image read = {0};
    enum format format = FORMAT_UNKNOWN;
    enum nephos_status status;
    TRY(open_source(&source, &format));
    if (format == FORMAT_PNG)
        TRY(image_png_read(&source, part, &read));
    else if (part == IMAGE_STORED)
        FAIL(log, NEPHOS_ERROR_DATA, "%s: a mask must be a PNG file; JPEG changes the values", path);
    else
        TRY(image_jpeg_read(&source, part, want_height, want_width, &read));
    *image = read;
    fclose(source.stream);
    return NEPHOS_OK;
fail:
    data_image_free(&read);
    if (source.stream) fclose(source.stream);
    return status;
}

enum nephos_status data_image_read(struct nephos_log *log, const char *path, uint32_t want_height, uint32_t want_width,
                                   struct data_image *image)
{
    return read_image(log, path, IMAGE_PIXELS, want_height, want_width, image);
}

enum nephos_status data_image_size(struct nephos_log *log, const char *path, uint32_t *height, uint32_t *width)
{
    struct data_image image;
    enum nephos_status status = read_image(log, path, IMAGE_HEADER, 0, 0, &image);
    if (status != NEPHOS_OK) return status;
    *height = image.full_height;
    *width = image.full_width;
    return NEPHOS_OK;
}

enum nephos_status data_mask_read(struct nephos_log *log, const char *path, struct data_image *mask)
{
    return read_image(log, path, IMAGE_STORED, 0, 0, mask);
}

void data_image_free(struct data_image *image)
{
    free(image->pixels);
    *image = (struct data_image){0};
}
