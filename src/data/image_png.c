// SPDX-License-Identifier: MIT
// PNG through libpng. libpng reports errors by longjmp: each job keeps its state in a struct outside the function that calls
// setjmp, so no local changes between the two.
#include "base/file.h"
#include "data/image.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

struct png_job {
    struct nephos_log *log;
    const char *path; // NULL: encoding into memory
    png_structp png;
    png_infop info;
    uint8_t **rows;
    enum nephos_status status;
    // encoding
    uint8_t *bytes;
    size_t size, capacity;
};

static void on_error(png_structp png, png_const_charp message)
{
    struct png_job *job = png_get_error_ptr(png);
    // A callback of ours that failed has reported already.
    if (job->status == NEPHOS_OK)
        job->status = base_fail(job->log, NEPHOS_ERROR_DATA, "%s: broken PNG: %s", job->path ? job->path : "encoding", message);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp message)
{
    struct png_job *job = png_get_error_ptr(png);
    base_debug(job->log, "%s: PNG: %s", job->path ? job->path : "encoding", message);
}

// --- reading ----------------------------------------------------------------------------------------------------------

// Deflate shrinks at most 1032 : 1, so a short file can't honestly declare a large image.
static enum nephos_status check_plausible(const struct image_source *source, const struct png_job *job, uint64_t height, uint64_t width)
{
    uint64_t bits = (uint64_t)png_get_bit_depth(job->png, job->info) * png_get_channels(job->png, job->info);
    if (height * width * bits / 8 / 1032 <= source->size) return NEPHOS_OK;
    return base_fail(source->log, NEPHOS_ERROR_DATA, "%s: broken PNG: %llu bytes can't hold height %llu, width %llu", source->path,
                     (unsigned long long)source->size, (unsigned long long)height, (unsigned long long)width);
}

static enum nephos_status set_stored(const struct image_source *source, struct png_job *job)
{
    int type = png_get_color_type(job->png, job->info), depth = png_get_bit_depth(job->png, job->info);
    if ((type != PNG_COLOR_TYPE_GRAY && type != PNG_COLOR_TYPE_PALETTE) || depth > 8)
        return base_fail(source->log, NEPHOS_ERROR_DATA,
                         "%s: a mask must be grey or palette with at most 8 bits; this PNG has %d channels of %d bits", source->path,
                         png_get_channels(job->png, job->info), depth);
    png_set_packing(job->png);
    return NEPHOS_OK;
}

static void set_colours(struct png_job *job)
{
    png_set_expand(job->png);
    png_set_scale_16(job->png);
    png_set_strip_alpha(job->png);
}

static enum nephos_status read_rows(const struct image_source *source, struct png_job *job, struct data_image *image)
{
    png_set_interlace_handling(job->png);
    png_read_update_info(job->png, job->info);
    image->channels = png_get_channels(job->png, job->info);
    enum nephos_status status = image_allocate(source, image);
    if (status != NEPHOS_OK) return status;
    job->rows = malloc(image->height * sizeof *job->rows);
    if (!job->rows) return base_fail(source->log, NEPHOS_ERROR_MEMORY, "%s: no memory for %u rows", source->path, image->height);
    for (uint32_t y = 0; y < image->height; y++) job->rows[y] = image->pixels + (size_t)y * image->width * image->channels;
    png_read_image(job->png, job->rows);
    png_read_end(job->png, NULL);
    return NEPHOS_OK;
}

static enum nephos_status read_guarded(const struct image_source *source, enum image_part part, struct png_job *job,
                                       struct data_image *image)
{
    if (setjmp(png_jmpbuf(job->png))) return job->status;
    png_init_io(job->png, source->stream);
    png_set_user_limits(job->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); // image_check_size has the better message
    png_read_info(job->png, job->info);
    uint32_t height = png_get_image_height(job->png, job->info), width = png_get_image_width(job->png, job->info);
    enum nephos_status status = image_check_size(source, height, width);
    if (status != NEPHOS_OK) return status;
    image->height = image->full_height = height;
    image->width = image->full_width = width;
    if (part == IMAGE_HEADER) return NEPHOS_OK;
    status = check_plausible(source, job, height, width);
    if (status != NEPHOS_OK) return status;
    if (part == IMAGE_STORED)
        status = set_stored(source, job);
    else
        set_colours(job);
    return status == NEPHOS_OK ? read_rows(source, job, image) : status;
}

enum nephos_status image_png_read(const struct image_source *source, enum image_part part, struct data_image *image)
{
    struct png_job job = {.log = source->log, .path = source->path};
    enum nephos_status status = NEPHOS_ERROR_MEMORY;
    job.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    if (job.png) job.info = png_create_info_struct(job.png);
    if (job.info)
        status = read_guarded(source, part, &job, image);
    else
        base_fail(source->log, status, "%s: no memory for the PNG reader", source->path);
    png_destroy_read_struct(&job.png, &job.info, NULL);
    free(job.rows);
    return status;
}

// --- writing ----------------------------------------------------------------------------------------------------------

static void append(png_structp png, png_bytep bytes, size_t size)
{
    struct png_job *job = png_get_io_ptr(png);
    if (job->capacity - job->size < size) {
        size_t capacity = job->capacity * 2 + size + 4096;
        uint8_t *grown = realloc(job->bytes, capacity);
        if (!grown) {
            job->status = base_fail(job->log, NEPHOS_ERROR_MEMORY, "no memory for a PNG of %zu bytes", capacity);
            png_error(png, "memory");
        }
        job->bytes = grown;
        job->capacity = capacity;
    }
    memcpy(job->bytes + job->size, bytes, size);
    job->size += size;
}

static void flush_nothing(png_structp png)
{
    (void)png;
}

static enum nephos_status encode_guarded(struct png_job *job, const uint8_t *pixels, uint32_t height, uint32_t width, uint32_t channels)
{
    if (setjmp(png_jmpbuf(job->png))) return job->status;
    png_set_write_fn(job->png, job, append, flush_nothing);
    png_set_IHDR(job->png, job->info, width, height, 8, channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(job->png, job->info);
    for (uint32_t y = 0; y < height; y++) png_write_row(job->png, pixels + (size_t)y * width * channels);
    png_write_end(job->png, NULL);
    return NEPHOS_OK;
}

enum nephos_status data_png_encode(struct nephos_log *log, const uint8_t *pixels, uint32_t height, uint32_t width, uint32_t channels,
                                   uint8_t **bytes, size_t *size)
{
    if (channels != 1 && channels != 3)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "a PNG of %u channels; 1 or 3 can be written", channels);
    struct png_job job = {.log = log};
    enum nephos_status status = NEPHOS_ERROR_MEMORY;
    job.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &job, on_error, on_warning);
    if (job.png) job.info = png_create_info_struct(job.png);
    if (job.info)
        status = encode_guarded(&job, pixels, height, width, channels);
    else
        base_fail(log, status, "no memory for the PNG writer");
    png_destroy_write_struct(&job.png, &job.info);
    if (status != NEPHOS_OK) {
        free(job.bytes);
        return status;
    }
    *bytes = job.bytes;
    *size = job.size;
    return NEPHOS_OK;
}

enum nephos_status data_png_write(struct nephos_log *log, const char *path, const uint8_t *pixels, uint32_t height, uint32_t width,
                                  uint32_t channels)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum nephos_status status = data_png_encode(log, pixels, height, width, channels, &bytes, &size);
    if (status != NEPHOS_OK) return status;
    status = base_file_write(log, path, bytes, size);
    free(bytes);
    return status;
}
