// SPDX-License-Identifier: MIT
// Pictures made with libpng and libjpeg in every kind, and what becomes of damaged ones.
#include "base/file.h"
#include "common/folder.h"
#include "data/data.h"

#include <criterion/criterion.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <jpeglib.h>

TestSuite(image, .init = folder_setup, .fini = folder_teardown);

// --- making PNG files -------------------------------------------------------------------------------------------------

struct kind {
    int colour, depth, interlace;
    bool transparent; // a tRNS chunk
};
enum { HEIGHT = 13, WIDTH = 19 };

static uint32_t sample(const struct kind *kind, uint32_t y, uint32_t x, uint32_t c)
{
    return (y * 2654435761u ^ x * 40503u ^ (c + 1) * 977u) >> 7 & ((1u << kind->depth) - 1);
}

static uint8_t palette_value(uint32_t index, uint32_t c)
{
    return (uint8_t)(index * (37 + 18 * c) + 5 * c);
}

static uint32_t kind_channels(const struct kind *kind)
{
    bool colour = kind->colour & PNG_COLOR_MASK_COLOR && kind->colour != PNG_COLOR_TYPE_PALETTE;
    return (colour ? 3 : 1) + (kind->colour & PNG_COLOR_MASK_ALPHA ? 1 : 0);
}

static void pack_row(const struct kind *kind, uint32_t y, uint8_t *row)
{
    uint32_t channels = kind_channels(kind), bit = 0;
    memset(row, 0, WIDTH * channels * 2);
    for (uint32_t x = 0; x < WIDTH; x++)
        for (uint32_t c = 0; c < channels; c++) {
            uint32_t value = sample(kind, y, x, c);
            if (kind->depth == 16) row[bit / 8] = (uint8_t)(value >> 8), row[bit / 8 + 1] = (uint8_t)value;
            else row[bit / 8] |= (uint8_t)(value << (8 - kind->depth - bit % 8));
            bit += (uint32_t)kind->depth;
        }
}

static void make_png(const char *path, const struct kind *kind)
{
    FILE *stream = fopen(path, "wb");
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, stream);
    png_set_IHDR(png, info, WIDTH, HEIGHT, kind->depth, kind->colour, kind->interlace, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_color palette[256];
    png_byte alphas[256];
    for (uint32_t i = 0; i < 256; i++) {
        palette[i] = (png_color){palette_value(i, 0), palette_value(i, 1), palette_value(i, 2)};
        alphas[i] = (png_byte)i;
    }
    png_color_16 key = {.gray = 1, .red = 1, .green = 1, .blue = 1};
    bool indexed = kind->colour == PNG_COLOR_TYPE_PALETTE;
    if (indexed) png_set_PLTE(png, info, palette, 1 << kind->depth);
    if (kind->transparent) png_set_tRNS(png, info, indexed ? alphas : NULL, indexed ? 1 << kind->depth : 1, indexed ? NULL : &key);
    png_write_info(png, info);
    uint8_t storage[HEIGHT][WIDTH * 8], *rows[HEIGHT];
    for (uint32_t y = 0; y < HEIGHT; y++) pack_row(kind, y, rows[y] = storage[y]);
    png_write_image(png, rows);
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    fclose(stream);
}

static uint8_t expected(const struct kind *kind, uint32_t y, uint32_t x, uint32_t c)
{
    uint32_t value = sample(kind, y, x, kind->colour == PNG_COLOR_TYPE_PALETTE ? 0 : c), most = (1u << kind->depth) - 1;
    if (kind->colour == PNG_COLOR_TYPE_PALETTE) return palette_value(value, c);
    return (uint8_t)((value * 255 + most / 2) / most);
}

static void check_kind(const struct kind *kind)
{
    const char *path = folder_file("a.png");
    struct data_image image;
    make_png(path, kind);
    cr_assert_eq(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    uint32_t channels = kind->colour & PNG_COLOR_MASK_COLOR ? 3 : 1;
    cr_assert(image.height == HEIGHT && image.width == WIDTH && image.channels == channels);
    cr_assert(image.full_height == HEIGHT && image.full_width == WIDTH);
    for (uint32_t y = 0; y < HEIGHT; y++)
        for (uint32_t x = 0; x < WIDTH; x++)
            for (uint32_t c = 0; c < channels; c++)
                cr_assert_eq(image.pixels[(y * WIDTH + x) * channels + c], expected(kind, y, x, c),
                             "colour %d depth %d at %u,%u,%u: %d not %d",
                             kind->colour, kind->depth, y, x, c, image.pixels[(y * WIDTH + x) * channels + c], expected(kind, y, x, c));
    data_image_free(&image);
}

Test(image, png_of_every_colour_type_depth_and_interlace_decodes_exactly)
{
    static const int depths[7][6] = {{1, 2, 4, 8, 16, 0}, {0}, {8, 16, 0}, {1, 2, 4, 8, 0}, {8, 16, 0}, {0}, {8, 16, 0}};
    for (int colour = 0; colour < 7; colour++)
        for (const int *depth = depths[colour]; *depth; depth++)
            for (int variant = 0; variant < 4; variant++) {
                struct kind kind = {colour, *depth, variant & 1, variant & 2 && !(colour & PNG_COLOR_MASK_ALPHA)};
                check_kind(&kind);
            }
}

Test(image, png_mask_keeps_stored_values)
{
    static const struct kind kinds[] = {{PNG_COLOR_TYPE_GRAY, 1, 0, 0}, {PNG_COLOR_TYPE_GRAY, 2, 1, 0},    {PNG_COLOR_TYPE_GRAY, 4, 0, 0},
                                        {PNG_COLOR_TYPE_GRAY, 8, 1, 0}, {PNG_COLOR_TYPE_PALETTE, 2, 1, 1},
                                        {PNG_COLOR_TYPE_PALETTE, 8, 0, 1}};
    for (size_t i = 0; i < ARRAY_COUNT(kinds); i++) {
        struct data_image mask;
        make_png(folder_file("m.png"), &kinds[i]);
        cr_assert_eq(data_mask_read(folder_log, folder_file("m.png"), &mask), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        cr_assert_eq(mask.channels, 1);
        for (uint32_t y = 0; y < HEIGHT; y++)
            for (uint32_t x = 0; x < WIDTH; x++)
                cr_assert_eq(mask.pixels[y * WIDTH + x], sample(&kinds[i], y, x, 0), "kind %zu at %u,%u", i, y, x);
        data_image_free(&mask);
    }
}

static void expect_error(enum nephos_status got, enum nephos_status status, const char *path, const char *text)
{
    cr_expect_eq(got, status, "%s: status %d, message: %s", path, got, nephos_last_error(folder_log));
    cr_expect(strstr(nephos_last_error(folder_log), path), "no path in: %s", nephos_last_error(folder_log));
    cr_expect(strstr(nephos_last_error(folder_log), text), "no \"%s\" in: %s", text, nephos_last_error(folder_log));
}

Test(image, mask_that_is_colour_wide_or_jpeg_is_refused)
{
    struct data_image mask;
    const char *path = folder_file("m");
    make_png(path, &(struct kind){PNG_COLOR_TYPE_RGB, 8, 0, 0});
    expect_error(data_mask_read(folder_log, path, &mask), NEPHOS_ERROR_DATA, path, "3 channels");
    make_png(path, &(struct kind){PNG_COLOR_TYPE_GRAY, 16, 0, 0});
    expect_error(data_mask_read(folder_log, path, &mask), NEPHOS_ERROR_DATA, path, "16 bits");
    uint8_t grey[64] = {0};
    cr_assert_eq(data_jpeg_write(folder_log, path, grey, 8, 8, 1, 90), NEPHOS_OK);
    expect_error(data_mask_read(folder_log, path, &mask), NEPHOS_ERROR_DATA, path, "PNG");
}

// --- writing and reading back -----------------------------------------------------------------------------------------

// Smooth, so that JPEG keeps it well.
static uint8_t *picture(uint32_t height, uint32_t width, uint32_t channels)
{
    uint8_t *pixels = malloc((size_t)height * width * channels);
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < width; x++)
            for (uint32_t c = 0; c < channels; c++) {
                uint32_t slope = c == 1 ? 170 * y / height : 170 * x / width;
                pixels[((size_t)y * width + x) * channels + c] = (uint8_t)(40 + slope + 15 * c);
            }
    return pixels;
}

static double mean_difference(const uint8_t *a, const uint8_t *b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) sum += abs(a[i] - b[i]);
    return sum / (double)count;
}

Test(image, written_png_reads_back_exactly)
{
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        const char *path = folder_file("w.png");
        uint8_t *pixels = picture(31, 45, channels);
        struct data_image image;
        cr_assert_eq(data_png_write(folder_log, path, pixels, 31, 45, channels), NEPHOS_OK);
        cr_assert_eq(data_image_read(folder_log, path, 8, 8, &image), NEPHOS_OK);
        cr_assert(image.height == 31 && image.width == 45 && image.channels == channels);
        cr_expect_arr_eq(image.pixels, pixels, 31 * 45 * channels);
        data_image_free(&image);
        free(pixels);
    }
    cr_expect_eq(folder_count(), 1);
    cr_expect_eq(data_png_write(folder_log, folder_file("x.png"), (uint8_t[4]){0}, 1, 1, 4), NEPHOS_ERROR_ARGUMENT);
}

Test(image, written_jpeg_reads_back_closely)
{
    for (uint32_t channels = 1; channels <= 3; channels += 2) {
        const char *path = folder_file("w.jpg");
        uint8_t *pixels = picture(61, 83, channels);
        struct data_image image;
        uint32_t height, width;
        cr_assert_eq(data_jpeg_write(folder_log, path, pixels, 61, 83, channels, 95), NEPHOS_OK);
        cr_assert_eq(data_image_size(folder_log, path, &height, &width), NEPHOS_OK);
        cr_expect(height == 61 && width == 83);
        cr_assert_eq(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_OK);
        cr_assert(image.height == 61 && image.width == 83 && image.channels == channels);
        cr_expect_lt(mean_difference(image.pixels, pixels, (size_t)61 * 83 * channels), 1.5);
        data_image_free(&image);
        free(pixels);
    }
}

static void expect_scale(const char *path, uint32_t want_height, uint32_t want_width, uint32_t height, uint32_t width)
{
    struct data_image image;
    cr_assert_eq(data_image_read(folder_log, path, want_height, want_width, &image), NEPHOS_OK);
    cr_expect(image.height == height && image.width == width, "want %ux%u: got %ux%u, not %ux%u", want_height, want_width, image.height,
              image.width, height, width);
    cr_expect(image.full_height == 201 && image.full_width == 403);
    data_image_free(&image);
}

Test(image, jpeg_scale_never_falls_below_what_is_wanted)
{
    const char *path = folder_file("s.jpg");
    uint8_t *pixels = picture(201, 403, 3);
    cr_assert_eq(data_jpeg_write(folder_log, path, pixels, 201, 403, 3, 90), NEPHOS_OK);
    expect_scale(path, 0, 0, 201, 403);
    expect_scale(path, 201, 403, 201, 403);
    expect_scale(path, 500, 10, 201, 403);
    expect_scale(path, 102, 10, 201, 403);
    expect_scale(path, 101, 202, 101, 202); // 201 / 2 rounds up
    expect_scale(path, 52, 101, 101, 202);
    expect_scale(path, 51, 101, 51, 101);
    expect_scale(path, 26, 51, 26, 51);
    expect_scale(path, 1, 1, 26, 51);
    free(pixels);
}

// The reduced decoding of a file, resized, against its full decoding, resized; *shift, if asked for, is how much the latter differs
// from itself one pixel further.
static double scaled_difference(const char *path, uint32_t height, uint32_t width, double *shift)
{
    struct data_image images[2];
    uint8_t *resized[2];
    for (uint32_t i = 0; i < 2; i++) {
        cr_assert_eq(data_image_read(folder_log, path, i ? height : 0, i ? width : 0, &images[i]), NEPHOS_OK);
        resized[i] = malloc((size_t)height * width * 3);
        data_resize(images[i].pixels, images[i].height, images[i].width, images[i].channels, resized[i], height, width);
    }
    cr_assert_lt(images[1].height, images[0].height);
    size_t count = (size_t)height * width * images[0].channels;
    double difference = mean_difference(resized[0], resized[1], count);
    if (shift) *shift = mean_difference(resized[0], resized[0] + images[0].channels, count - images[0].channels);
    for (uint32_t i = 0; i < 2; i++) free(resized[i]), data_image_free(&images[i]);
    return difference;
}

Test(image, jpeg_scaled_decoding_is_close_to_full_decoding_and_resizing)
{
    const char *path = folder_file("s.jpg");
    uint8_t *pixels = picture(240, 320, 3);
    cr_assert_eq(data_jpeg_write(folder_log, path, pixels, 240, 320, 3, 90), NEPHOS_OK);
    cr_expect_lt(scaled_difference(path, 110, 150, NULL), 1.0);
    cr_expect_lt(scaled_difference(path, 60, 80, NULL), 1.0);
    cr_expect_lt(scaled_difference(path, 20, 25, NULL), 1.0);
    free(pixels);
}

static void make_cmyk(const char *path, J_COLOR_SPACE space, bool adobe)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    FILE *stream = fopen(path, "wb");
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_stdio_dest(&jpeg, stream);
    jpeg.image_height = jpeg.image_width = 16;
    jpeg.input_components = 4;
    jpeg.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&jpeg);
    jpeg_set_colorspace(&jpeg, space);
    jpeg_set_quality(&jpeg, 100, TRUE);
    jpeg.write_Adobe_marker = adobe;
    jpeg_start_compress(&jpeg, TRUE);
    uint8_t line[64];
    for (int i = 0; i < 64; i++) line[i] = (uint8_t[]){255, 128, 0, 204}[i % 4] ^ (adobe ? 0 : 255);
    for (int y = 0; y < 16; y++) jpeg_write_scanlines(&jpeg, &(JSAMPROW){line}, 1);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    fclose(stream);
}

Test(image, cmyk_jpeg_becomes_rgb)
{
    static const struct { J_COLOR_SPACE space; bool adobe; } cases[] = {{JCS_CMYK, true}, {JCS_YCCK, true}, {JCS_CMYK, false}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        struct data_image image;
        make_cmyk(folder_file("c.jpg"), cases[i].space, cases[i].adobe);
        cr_assert_eq(data_image_read(folder_log, folder_file("c.jpg"), 0, 0, &image), NEPHOS_OK, "%s", nephos_last_error(folder_log));
        cr_assert_eq(image.channels, 3);
        for (uint32_t p = 0; p < 256; p++)
            for (int c = 0; c < 3; c++)
                cr_assert(abs(image.pixels[3 * p + c] - (int[]){204, 102, 0}[c]) <= 3, "case %zu: %d", i, image.pixels[3 * p + c]);
        data_image_free(&image);
    }
}

// --- damage -----------------------------------------------------------------------------------------------------------

static void expect_every_truncation_fails(const char *path)
{
    size_t size;
    free(folder_read(path, &size));
    while (size-- > 0) {
        struct data_image image;
        cr_assert_eq(truncate(path, (off_t)size), 0);
        expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "");
    }
}

Test(image, truncated_file_fails_at_every_length)
{
    uint8_t *pixels = picture(57, 91, 3);
    cr_assert_eq(data_jpeg_write(folder_log, folder_file("t.jpg"), pixels, 57, 91, 3, 80), NEPHOS_OK);
    expect_every_truncation_fails(folder_file("t.jpg"));
    make_png(folder_file("t.png"), &(struct kind){PNG_COLOR_TYPE_RGB, 8, 0, 0});
    expect_every_truncation_fails(folder_file("t.png"));
    make_png(folder_file("t.png"), &(struct kind){PNG_COLOR_TYPE_PALETTE, 4, 1, 1});
    expect_every_truncation_fails(folder_file("t.png"));
    free(pixels);
}

// Old versions of libpng refuse a wrong checksum of the end mark (the last 4 bytes), new ones pass over it: no data hangs on it.
Test(image, png_with_any_changed_byte_fails_or_has_the_same_pixels)
{
    const char *path = folder_file("t.png");
    make_png(path, &(struct kind){PNG_COLOR_TYPE_RGB, 8, 0, 0});
    struct data_image whole;
    cr_assert_eq(data_image_read(folder_log, path, 0, 0, &whole), NEPHOS_OK);
    size_t size;
    uint8_t *bytes = folder_read(path, &size);
    for (size_t i = 0; i < size; i++) { // every chunk has a checksum
        struct data_image image;
        folder_patch(path, i, bytes[i] ^ 0x10);
        const enum nephos_status status = data_image_read(folder_log, path, 0, 0, &image);
        if (status == NEPHOS_OK) {
            cr_expect_geq(i, size - 4, "byte %zu of %zu", i, size);
            cr_expect_arr_eq(image.pixels, whole.pixels, (size_t)whole.height * whole.width * whole.channels);
            data_image_free(&image);
        } else {
            expect_error(status, NEPHOS_ERROR_DATA, path, "");
        }
        folder_patch(path, i, bytes[i]);
    }
    data_image_free(&whole);
    free(bytes);
}

Test(image, jpeg_with_any_changed_byte_decodes_or_fails_cleanly)
{
    const char *path = folder_file("t.jpg");
    uint8_t *pixels = picture(57, 91, 3);
    cr_assert_eq(data_jpeg_write(folder_log, path, pixels, 57, 91, 3, 80), NEPHOS_OK);
    size_t size, failures = 0;
    uint8_t *bytes = folder_read(path, &size);
    for (size_t i = 0; i < size; i++) {
        struct data_image image;
        folder_patch(path, i, bytes[i] ^ 0x84);
        enum nephos_status status = data_image_read(folder_log, path, 0, 0, &image);
        cr_expect(status == NEPHOS_OK || status == NEPHOS_ERROR_DATA, "byte %zu: %s", i, nephos_last_error(folder_log));
        if (status == NEPHOS_OK)
            data_image_free(&image);
        else
            failures++;
        folder_patch(path, i, bytes[i]);
    }
    cr_expect_gt(failures, 0);
    free(bytes);
    free(pixels);
}

// A file whose components come in scans of their own, the last of them `repeated` times.
static void make_scans(const char *path, int repeated)
{
    static const jpeg_scan_info scans[] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL;
    unsigned long size = 0, scan;
    jpeg.err = jpeg_std_error(&errors);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    jpeg.image_height = jpeg.image_width = 8;
    jpeg.input_components = 3;
    jpeg.in_color_space = JCS_RGB;
    jpeg_set_defaults(&jpeg);
    jpeg.scan_info = scans;
    jpeg.num_scans = ARRAY_COUNT(scans);
    jpeg_start_compress(&jpeg, TRUE);
    uint8_t line[24] = {0};
    while (jpeg.next_scanline < 8) jpeg_write_scanlines(&jpeg, &(JSAMPROW){line}, 1);
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    for (scan = size - 2; bytes[scan] != 0xff || bytes[scan + 1] != 0xda;) scan--;
    FILE *stream = fopen(path, "wb");
    fwrite(bytes, 1, scan, stream);
    for (int i = 0; i < repeated; i++) fwrite(bytes + scan, 1, size - 2 - scan, stream);
    fwrite("\xff\xd9", 1, 2, stream);
    fclose(stream);
    free(bytes);
}

Test(image, jpeg_with_endless_scans_is_refused)
{
    struct data_image image;
    const char *path = folder_file("scans.jpg");
    make_scans(path, 20);
    cr_assert_eq(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    data_image_free(&image);
    make_scans(path, 1000);
    expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "scans");
}

static void put32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++) to[i] = (uint8_t)(value >> (24 - 8 * i));
}

// A PNG that declares any size: signature, IHDR with a correct checksum, then what follows in a real file.
static void declare_png(const char *path, uint32_t height, uint32_t width)
{
    make_png(path, &(struct kind){PNG_COLOR_TYPE_RGB, 8, 0, 0});
    size_t size;
    uint8_t *bytes = folder_read(path, &size);
    put32(bytes + 16, width);
    put32(bytes + 20, height);
    uint32_t crc = 0xffffffff;
    for (uint8_t *byte = bytes + 12; byte < bytes + 29; byte++) {
        crc ^= *byte;
        for (int i = 0; i < 8; i++) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    put32(bytes + 29, ~crc);
    folder_write(path, bytes, size);
    free(bytes);
}

Test(image, declared_size_is_checked_before_allocation)
{
    struct data_image image;
    uint32_t height, width;
    const char *path = folder_file("big.png");
    declare_png(path, 65536, 16);
    expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "too large");
    expect_error(data_image_size(folder_log, path, &height, &width), NEPHOS_ERROR_DATA, path, "too large");
    declare_png(path, 65535, 65535);
    expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "too large");
    declare_png(path, 0x7fffffff, 0x7fffffff);
    expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "");
    declare_png(path, 16000, 16000); // allowed, but no 16000 x 16000 pixels fit this file
    expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "can't hold");
    declare_png(path, HEIGHT, WIDTH);
    cr_assert_eq(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    data_image_free(&image);
}

Test(image, what_is_no_picture_is_named)
{
    struct data_image image;
    const char *path = folder_file("text.jpg");
    folder_write(path, "hello, world", 12);
    expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "neither a PNG nor a JPEG");
    folder_write(path, "", 0);
    expect_error(data_image_read(folder_log, path, 0, 0, &image), NEPHOS_ERROR_DATA, path, "empty");
    expect_error(data_image_read(folder_log, folder_file("none"), 0, 0, &image), NEPHOS_ERROR_FILE, folder_file("none"), "No such file");
    expect_error(data_image_read(folder_log, folder_file(""), 0, 0, &image), NEPHOS_ERROR_FILE, folder_file(""), "");
}

#ifdef NEPHOS_REFERENCE_DIR
Test(image, real_image_of_full_size_decodes_at_reduced_scale)
{
    const char *path = NEPHOS_REFERENCE_DIR "/data/kaggle-clouds/fullres/images/0011165.jpg";
    uint32_t height, width;
    if (!base_file_exists(path)) cr_skip_test("%s is not there", path);
    cr_assert_eq(data_image_size(folder_log, path, &height, &width), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    cr_expect(height == 1400 && width == 2100);
    // The reduced transform cuts frequencies off, an area average fades them out: fine texture differs, nothing moves.
    double shift, difference = scaled_difference(path, 256, 384, &shift);
    cr_expect_lt(difference, shift / 3, "%g, by one pixel %g", difference, shift);
    struct data_image image;
    cr_assert_eq(data_image_read(folder_log, path, 256, 384, &image), NEPHOS_OK);
    cr_expect(image.height == 350 && image.width == 525);
    data_image_free(&image);
}
#endif
