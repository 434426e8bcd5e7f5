// SPDX-License-Identifier: MIT
// JPEG through libjpeg (libjpeg-turbo in practice). Its warnings about damaged data are failures here: it would go on with
// invented pixels. The state lives outside the functions that call setjmp, so no local changes between the two.
#include "base/file.h"
#include "data/image.h"

#include <setjmp.h>
#include <stdlib.h>
// after stdio.h, which they need
#include <jpeglib.h>
#include <jerror.h>

#define MAX_SCANS 500 // of a progressive file; each costs a pass over the whole image

struct error_manager {
    struct jpeg_error_mgr base; // first: libjpeg hands back a pointer to it
    jmp_buf jump;
    struct nephos_log *log;
    const char *path;
    enum nephos_status status;
};

static void fail_jump(j_common_ptr common)
{
    struct error_manager *errors = (struct error_manager *)common->err;
    char message[JMSG_LENGTH_MAX];
    errors->base.format_message(common, message);
    // libjpeg calls the constant JERR_OUT_OF_MEMORY for every failed allocation.
    errors->status = base_fail(errors->log, errors->base.msg_code == JERR_OUT_OF_MEMORY ? NEPHOS_ERROR_MEMORY : NEPHOS_ERROR_DATA,
                               "%s: broken JPEG: %s", errors->path, message);
    longjmp(errors->jump, 1);
}

static bool is_damage(int code)
{
    switch (code) {
    case JWRN_ARITH_BAD_CODE:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC:
    case JWRN_NOT_SEQUENTIAL: return true;
    default: return false;
    }
}

static void on_message(j_common_ptr common, int level)
{
    struct error_manager *errors = (struct error_manager *)common->err;
    if (level >= 0) return; // traces
    if (is_damage(errors->base.msg_code)) fail_jump(common);
    char message[JMSG_LENGTH_MAX];
    errors->base.format_message(common, message);
    base_debug(errors->log, "%s: JPEG: %s", errors->path, message);
}

static struct jpeg_error_mgr *init_errors(struct error_manager *errors, struct nephos_log *log, const char *path)
{
    jpeg_std_error(&errors->base);
    errors->base.error_exit = fail_jump;
    errors->base.emit_message = on_message;
    errors->log = log;
    errors->path = path;
    return &errors->base;
}

// --- reading ----------------------------------------------------------------------------------------------------------

struct jpeg_reader {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_progress_mgr progress;
    struct error_manager errors;
    uint8_t *line; // CMYK only
};

static void check_scans(j_common_ptr common)
{
    j_decompress_ptr jpeg = (j_decompress_ptr)common;
    if (jpeg->input_scan_number <= MAX_SCANS) return;
    struct error_manager *errors = (struct error_manager *)common->err;
    errors->status = base_fail(errors->log, NEPHOS_ERROR_DATA, "%s: broken JPEG: more than %d scans", errors->path, MAX_SCANS);
    longjmp(errors->jump, 1);
}

// The smallest of 1/8, 1/4, 1/2, 1 that keeps both sides at least as large as wanted.
static void choose_scale(struct jpeg_decompress_struct *jpeg, uint32_t want_height, uint32_t want_width)
{
    jpeg->scale_denom = 8;
    for (jpeg->scale_num = want_height && want_width ? 1 : 8; jpeg->scale_num < 8; jpeg->scale_num *= 2) {
        jpeg_calc_output_dimensions(jpeg);
        if (jpeg->output_height >= want_height && jpeg->output_width >= want_width) return;
    }
}

// Adobe programs store inverted CMYK. A plain product is no colour management, but a faithful picture.
static void cmyk_to_rgb(const uint8_t *cmyk, bool inverted, uint32_t count, uint8_t *rgb)
{
    uint8_t flip = inverted ? 0 : 255;
    for (uint32_t i = 0; i < count; i++)
        for (int c = 0; c < 3; c++) rgb[3 * i + c] = (uint8_t)(((cmyk[4 * i + c] ^ flip) * (cmyk[4 * i + 3] ^ flip) + 127) / 255);
}

static void read_lines(struct jpeg_reader *reader, struct data_image *image)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t stride = (size_t)image->width * image->channels;
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = image->pixels + jpeg->output_scanline * stride;
        JSAMPROW row = reader->line ? reader->line : to;
        if (jpeg_read_scanlines(jpeg, &row, 1) == 1 && reader->line) cmyk_to_rgb(reader->line, jpeg->saw_Adobe_marker, image->width, to);
    }
}

static enum nephos_status start(const struct image_source *source, struct jpeg_reader *reader, struct data_image *image)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    bool cmyk = jpeg->jpeg_color_space == JCS_CMYK || jpeg->jpeg_color_space == JCS_YCCK;
    jpeg->out_color_space = cmyk ? JCS_CMYK : jpeg->jpeg_color_space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(jpeg);
    image->height = jpeg->output_height;
    image->width = jpeg->output_width;
    image->channels = jpeg->out_color_space == JCS_GRAYSCALE ? 1 : 3;
    if (cmyk && !(reader->line = malloc((size_t)image->width * 4)))
        return base_fail(source->log, NEPHOS_ERROR_MEMORY, "%s: no memory for a row of pixels", source->path);
    return image_allocate(source, image);
}

static enum nephos_status read_guarded(const struct image_source *source, enum image_part part, uint32_t want_height, uint32_t want_width,
                                       struct jpeg_reader *reader, struct data_image *image)
{
    if (setjmp(reader->errors.jump)) return reader->errors.status;
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg_create_decompress(jpeg);
    reader->progress.progress_monitor = check_scans;
    jpeg->progress = &reader->progress;
    jpeg_stdio_src(jpeg, source->stream);
    jpeg_read_header(jpeg, TRUE);
    enum nephos_status status = image_check_size(source, jpeg->image_height, jpeg->image_width);
    if (status != NEPHOS_OK) return status;
    image->height = image->full_height = jpeg->image_height;
    image->width = image->full_width = jpeg->image_width;
    if (part == IMAGE_HEADER) return NEPHOS_OK;
    choose_scale(jpeg, want_height, want_width);
    status = start(source, reader, image);
    if (status != NEPHOS_OK) return status;
    read_lines(reader, image);
    jpeg_finish_decompress(jpeg); // reads on to the end-of-image marker
    return NEPHOS_OK;
}

enum nephos_status image_jpeg_read(const struct image_source *source, enum image_part part, uint32_t want_height, uint32_t want_width,
                                   struct data_image *image)
{
    struct jpeg_reader reader = {0};
    reader.jpeg.err = init_errors(&reader.errors, source->log, source->path);
    enum nephos_status status = read_guarded(source, part, want_height, want_width, &reader, image);
    jpeg_destroy_decompress(&reader.jpeg);
    free(reader.line);
    return status;
}

// --- writing ----------------------------------------------------------------------------------------------------------

struct jpeg_writer {
    struct jpeg_compress_struct jpeg;
    struct error_manager errors;
    unsigned char *bytes;
    unsigned long size;
};

static enum nephos_status encode_guarded(struct jpeg_writer *writer, const uint8_t *pixels, uint32_t height, uint32_t width,
                                         uint32_t channels, int quality)
{
    if (setjmp(writer->errors.jump)) return writer->errors.status;
    struct jpeg_compress_struct *jpeg = &writer->jpeg;
    jpeg_create_compress(jpeg);
    jpeg_mem_dest(jpeg, &writer->bytes, &writer->size);
    jpeg->image_height = height;
    jpeg->image_width = width;
    jpeg->input_components = (int)channels;
    jpeg->in_color_space = channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, quality, TRUE);
    jpeg_start_compress(jpeg, TRUE);
    while (jpeg->next_scanline < height) {
        JSAMPROW row = (JSAMPROW)pixels + (size_t)jpeg->next_scanline * width * channels;
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return NEPHOS_OK;
}

enum nephos_status data_jpeg_encode(struct nephos_log *log, const char *path, const uint8_t *pixels, uint32_t height, uint32_t width,
                                    uint32_t channels, int quality, uint8_t **bytes, size_t *size)
{
    if (channels != 1 && channels != 3)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%s: a JPEG of %u channels; 1 or 3 can be written", path, channels);
    struct jpeg_writer writer = {0};
    writer.jpeg.err = init_errors(&writer.errors, log, path);
    enum nephos_status status = encode_guarded(&writer, pixels, height, width, channels, quality);
    jpeg_destroy_compress(&writer.jpeg);
    if (status == NEPHOS_OK) {
        *bytes = writer.bytes;
        *size = writer.size;
    } else {
        free(writer.bytes);
    }
    return status;
}

enum nephos_status data_jpeg_write(struct nephos_log *log, const char *path, const uint8_t *pixels, uint32_t height, uint32_t width,
                                   uint32_t channels, int quality)
{
    uint8_t *bytes;
    size_t size;
    enum nephos_status status = data_jpeg_encode(log, path, pixels, height, width, channels, quality, &bytes, &size);
    if (status != NEPHOS_OK) return status;
    status = base_file_write(log, path, bytes, size);
    free(bytes);
    return status;
}
