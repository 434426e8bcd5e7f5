// SPDX-License-Identifier: MIT
// Changing the size of pictures and masks. All weights of data_resize are exact integers over a common denominator and each result
// is rounded once (half up), so it does not depend on compiler, vector width or order of summation.
#include "data/data.h"

#include <string.h>

#define TILE 256 // output columns worked on at a time: a tile's rows stay in the first-level cache and on the stack
#define MAX_CHANNELS 4

// Source pixels first .. first+count-1 and their weights along one axis; weights sum to the axis' total.
struct span {
    uint32_t first, count;
    uint32_t first_weight, middle_weight, last_weight; // count 1: first_weight only
};

static uint32_t axis_total(uint32_t from, uint32_t to)
{
    return to <= from ? from : 2 * to;
}

// In units of 1/to source pixels, output i covers [i * from, (i + 1) * from) and source pixel j covers [j * to, (j + 1) * to).
static struct span area_span(uint32_t from, uint32_t to, uint32_t i)
{
    uint64_t begin = (uint64_t)i * from, end = begin + from;
    uint64_t first = begin / to, last = (end - 1) / to;
    if (first == last) return (struct span){(uint32_t)first, 1, from, 0, 0};
    return (struct span){(uint32_t)first, (uint32_t)(last - first + 1), (uint32_t)((first + 1) * to - begin), to,
                         (uint32_t)(end - last * to)};
}

// The centre of output i lies at ((2i + 1) * from - to) / (2 * to) source pixels from the centre of source pixel 0.
static struct span linear_span(uint32_t from, uint32_t to, uint32_t i)
{
    int64_t position = (2 * (int64_t)i + 1) * from - to, unit = 2 * (int64_t)to;
    if (position <= 0) return (struct span){0, 1, (uint32_t)unit, 0, 0};
    uint32_t first = (uint32_t)(position / unit), fraction = (uint32_t)(position % unit);
    if (first + 1 >= from || fraction == 0) return (struct span){first < from ? first : from - 1, 1, (uint32_t)unit, 0, 0};
    return (struct span){first, 2, (uint32_t)unit - fraction, 0, fraction};
}

static struct span axis_span(uint32_t from, uint32_t to, uint32_t i)
{
    return to <= from ? area_span(from, to, i) : linear_span(from, to, i);
}

static uint32_t span_weight(const struct span *span, uint32_t k)
{
    return k == 0 ? span->first_weight : k == span->count - 1 ? span->last_weight : span->middle_weight;
}

// At most 255 * 2 * 65535: fits 32 bits.
static void blend_row(const uint8_t *row, const struct span *spans, uint32_t columns, uint32_t channels, uint32_t *to)
{
    for (uint32_t x = 0; x < columns; x++) {
        const struct span *span = &spans[x];
        for (uint32_t c = 0; c < channels; c++) {
            const uint8_t *source = row + (size_t)span->first * channels + c;
            uint32_t sum = source[0] * span->first_weight, middle = 0;
            for (uint32_t k = 1; k + 1 < span->count; k++) middle += source[k * channels];
            if (span->count > 1) sum += middle * span->middle_weight + source[(span->count - 1) * channels] * span->last_weight;
            to[x * channels + c] = sum;
        }
    }
}

// The quotient is below 256 and at least 1 / (2 * total) > 2^-36 away from the next integer unless it is one: far more than the
// rounding of a double division, which is several times faster than a 64-bit integer one.
static void round_row(const uint64_t *sums, uint32_t count, uint64_t total, uint8_t *to)
{
    double divisor = (double)(2 * total);
    for (uint32_t i = 0; i < count; i++) to[i] = (uint8_t)((double)(int64_t)(2 * sums[i] + total) / divisor);
}

struct tile {
    struct span spans[TILE];
    uint32_t columns;
    uint32_t rows[2][TILE * MAX_CHANNELS]; // the two newest source rows, blended along x; row y lives in rows[y % 2]
    uint32_t row_index[2];
    uint64_t sums[TILE * MAX_CHANNELS];
};

static const uint32_t *tile_row(struct tile *tile, const uint8_t *from, uint32_t from_width, uint32_t channels, uint32_t y)
{
    uint32_t *row = tile->rows[y % 2];
    if (tile->row_index[y % 2] != y) blend_row(from + (size_t)y * from_width * channels, tile->spans, tile->columns, channels, row);
    tile->row_index[y % 2] = y;
    return row;
}

void data_resize(const uint8_t *from, uint32_t from_height, uint32_t from_width, uint32_t channels, uint8_t *to, uint32_t height,
                 uint32_t width)
{
    if (from_height == height && from_width == width) {
        memcpy(to, from, (size_t)height * width * channels);
        return;
    }
    struct tile tile;
    uint64_t total = (uint64_t)axis_total(from_height, height) * axis_total(from_width, width);
    for (uint32_t x0 = 0; x0 < width; x0 += TILE) {
        tile.columns = width - x0 < TILE ? width - x0 : TILE;
        tile.row_index[0] = tile.row_index[1] = UINT32_MAX;
        for (uint32_t x = 0; x < tile.columns; x++) tile.spans[x] = axis_span(from_width, width, x0 + x);
        for (uint32_t y = 0; y < height; y++) {
            struct span span = axis_span(from_height, height, y);
            uint32_t count = tile.columns * channels;
            memset(tile.sums, 0, count * sizeof *tile.sums);
            for (uint32_t k = 0; k < span.count; k++) {
                const uint32_t *row = tile_row(&tile, from, from_width, channels, span.first + k);
                uint64_t weight = span_weight(&span, k);
                for (uint32_t i = 0; i < count; i++) tile.sums[i] += weight * row[i];
            }
            round_row(tile.sums, count, total, to + ((size_t)y * width + x0) * channels);
        }
    }
}

void data_resize_plane(const float *from, uint32_t from_height, uint32_t from_width, float *to, uint32_t height, uint32_t width)
{
    for (uint32_t y = 0; y < height; y++) {
        struct span row = linear_span(from_height, height, y);
        const float *upper = from + (size_t)row.first * from_width;
        const float *lower = upper + (size_t)(row.count - 1) * from_width;
        float v = (float)row.last_weight / (2 * (float)height);
        for (uint32_t x = 0; x < width; x++) {
            struct span column = linear_span(from_width, width, x);
            uint32_t left = column.first, right = left + column.count - 1;
            float u = (float)column.last_weight / (2 * (float)width);
            float above = upper[left] + u * (upper[right] - upper[left]);
            float below = lower[left] + u * (lower[right] - lower[left]);
            to[(size_t)y * width + x] = above + v * (below - above);
        }
    }
}

void data_resize_nearest(const uint8_t *from, uint32_t from_height, uint32_t from_width, uint8_t *to, uint32_t height, uint32_t width)
{
    for (uint32_t y = 0; y < height; y++) {
        const uint8_t *row = from + (2 * (uint64_t)y + 1) * from_height / (2 * (uint64_t)height) * from_width;
        for (uint32_t x = 0; x < width; x++) to[(size_t)y * width + x] = row[(2 * (uint64_t)x + 1) * from_width / (2 * (uint64_t)width)];
    }
}
