// SPDX-License-Identifier: MIT
// Colours, the share without data, and how an image looks, in one pass over its pixels.
#include "analyze/measure.h"

#include <string.h>

// Sums over the cells of the reduced image.
struct reduced {
    uint64_t sum[LOOK_ROWS][LOOK_COLUMNS], count[LOOK_ROWS][LOOK_COLUMNS];
};

// The column of the row's first pixel that belongs to the cell.
static uint32_t cell_begin(uint32_t cell, uint32_t cells, uint32_t size)
{
    return (uint32_t)(((uint64_t)cell * size + cells - 1) / cells);
}

static uint8_t brightness(const uint8_t rgb[3])
{
    return (uint8_t)((77 * rgb[0] + 150 * rgb[1] + 29 * rgb[2] + 128) >> 8); // ITU-R BT.601
}

// A stretch of pixels of one cell; gives the sum of their brightness.
static uint64_t measure_stretch(const uint8_t *pixel, uint32_t count, uint32_t channels, struct measure *measure)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++, pixel += channels) {
        const uint8_t rgb[3] = {pixel[0], pixel[channels == 3 ? 1 : 0], pixel[channels == 3 ? 2 : 0]}, bright = brightness(rgb);
        for (int c = 0; c < 3; c++)
            measure->levels[c][rgb[c]]++;
        measure->levels[BRIGHTNESS][bright]++;
        measure->black += rgb[0] <= BLACK_LEVEL && rgb[1] <= BLACK_LEVEL && rgb[2] <= BLACK_LEVEL;
        sum += bright;
    }
    return sum;
}

static void measure_row(const struct data_image *image, uint32_t y, struct measure *measure, struct reduced *reduced)
{
    const uint8_t *row = image->pixels + (size_t)y * image->width * image->channels;
    const uint32_t cell_row = (uint32_t)((uint64_t)y * LOOK_ROWS / image->height);
    for (uint32_t cell = 0; cell < LOOK_COLUMNS; cell++) {
        const uint32_t begin = cell_begin(cell, LOOK_COLUMNS, image->width), end = cell_begin(cell + 1, LOOK_COLUMNS, image->width);
        reduced->sum[cell_row][cell] += measure_stretch(row + (size_t)begin * image->channels, end - begin, image->channels, measure);
        reduced->count[cell_row][cell] += end - begin;
    }
}

// Two sums of products, in which each word and its place count. No protection against intent, but against chance.
static void hash_content(const struct data_image *image, uint64_t content[2])
{
    const size_t size = (size_t)image->height * image->width * image->channels;
    uint64_t a = image->height * UINT64_C(0x9E3779B97F4A7C15) + image->width, b = image->channels;
    for (size_t i = 0; i < size; i += 8) {
        uint64_t word = 0;
        memcpy(&word, image->pixels + i, size - i < 8 ? size - i : 8);
        a = (a ^ word) * UINT64_C(0xD6E8FEB86659FD93);
        a ^= a >> 32;
        b = (b + word) * UINT64_C(0xA0761D6478BD642F);
        b ^= b >> 29;
    }
    content[0] = a;
    content[1] = b;
}

// Images with less than 16 rows or 18 columns leave cells without a pixel, which repeat the one before.
static void fill_cells(const struct reduced *reduced, uint8_t *cells)
{
    uint8_t last = 0;
    for (int y = 0; y < LOOK_ROWS; y++)
        for (int x = 0; x < LOOK_COLUMNS; x++) {
            const uint64_t count = reduced->count[y][x];
            if (count) last = (uint8_t)((reduced->sum[y][x] + count / 2) / count);
            cells[y * LOOK_COLUMNS + x] = last;
        }
}

static uint64_t difference_hash(const uint8_t *cells)
{
    enum { ROWS = LOOK_ROWS / 2, COLUMNS = LOOK_COLUMNS / 2 };
    uint64_t hash = 0;
    for (int y = 0; y < ROWS; y++) {
        uint32_t sums[COLUMNS];
        for (int x = 0; x < COLUMNS; x++) {
            const uint8_t *cell = cells + 2 * y * LOOK_COLUMNS + 2 * x;
            sums[x] = (uint32_t)cell[0] + cell[1] + cell[LOOK_COLUMNS] + cell[LOOK_COLUMNS + 1];
        }
        for (int x = 1; x < COLUMNS; x++)
            hash = hash << 1 | (sums[x] > sums[x - 1]);
    }
    return hash;
}

void measure_colours(const struct data_image *image, struct measure *measure)
{
    struct reduced reduced = {0};
    measure->height = image->height;
    measure->width = image->width;
    measure->grey = image->channels == 1;
    for (uint32_t y = 0; y < image->height; y++)
        measure_row(image, y, measure, &reduced);
    hash_content(image, measure->look.content);
    fill_cells(&reduced, measure->look.cells);
    measure->look.hash = difference_hash(measure->look.cells);
}
