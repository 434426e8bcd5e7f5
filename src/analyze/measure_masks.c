// SPDX-License-Identifier: MIT
// Area, components, centre and place of each class of an image.
#include "analyze/measure.h"
#include "post/post.h"

#include <stdlib.h>
#include <string.h>

struct frame {
    uint32_t height, width;
    uint8_t *labels, *mask; // mask: 1 where the class is
};

// The classes that occur: bits, or indices.
static void find_present(const struct data_set *set, const struct frame *frame, struct measure *measure, bool present[256])
{
    const size_t pixels = (size_t)frame->height * frame->width;
    size_t counts[256] = {0};
    for (size_t i = 0; i < pixels; i++)
        counts[frame->labels[i]]++;
    for (uint32_t value = 0; value < 256; value++) {
        if (!counts[value]) continue;
        for (uint32_t c = 0; c < set->class_count; c++)
            present[c] |= set->exclusive ? value == c : value >> c & 1;
    }
    if (set->exclusive) measure->ignored = counts[255];
}

static void select_class(const struct data_set *set, const struct frame *frame, uint32_t c)
{
    const size_t pixels = (size_t)frame->height * frame->width;
    if (set->exclusive)
        for (size_t i = 0; i < pixels; i++)
            frame->mask[i] = frame->labels[i] == c;
    else
        for (size_t i = 0; i < pixels; i++)
            frame->mask[i] = frame->labels[i] >> c & 1;
}

static uint32_t column_begin(uint32_t cell, uint32_t width)
{
    return (uint32_t)(((uint64_t)cell * width + GRID_COLUMNS - 1) / GRID_COLUMNS);
}

// Adds a row to the class's cover; gives its pixels and the sum of their columns.
static uint32_t add_row(const uint8_t *row, uint32_t width, uint32_t *cover, uint64_t *columns)
{
    uint32_t area = 0;
    for (uint32_t cell = 0; cell < GRID_COLUMNS; cell++) {
        const uint32_t begin = column_begin(cell, width), end = column_begin(cell + 1, width);
        uint32_t count = 0, offset = 0; // at most 65535 columns in all: neither sum leaves 32 bits
        for (uint32_t x = begin; x < end; x++) {
            count += row[x];
            offset += row[x] * (x - begin);
        }
        cover[cell] += count;
        area += count;
        *columns += (uint64_t)count * begin + offset;
    }
    return area;
}

static void measure_place(const struct frame *frame, uint32_t *cover, struct measure_mask *result)
{
    uint64_t rows = 0, columns = 0;
    for (uint32_t y = 0; y < frame->height; y++) {
        uint32_t *cells = cover + (uint64_t)y * GRID_ROWS / frame->height * GRID_COLUMNS;
        const uint32_t area = add_row(frame->mask + (size_t)y * frame->width, frame->width, cells, &columns);
        result->area += area;
        rows += (uint64_t)area * y;
    }
    result->row = ((double)rows / (double)result->area + 0.5) / frame->height;
    result->column = ((double)columns / (double)result->area + 0.5) / frame->width;
}

static enum nephos_status measure_class(const struct data_set *set, const struct frame *frame, uint32_t c, struct measure *measure)
{
    struct post_components components = {0};
    select_class(set, frame, c);
    measure_place(frame, measure->cover + (size_t)c * GRID_ROWS * GRID_COLUMNS, &measure->masks[c]);
    const enum nephos_status status = post_components_find(set->log, frame->mask, frame->height, frame->width, true, POST_8, &components);
    measure->masks[c].components = components.count;
    post_components_free(&components);
    return status;
}

enum nephos_status measure_masks(const struct data_set *set, uint32_t sample, struct measure *measure)
{
    const size_t pixels = (size_t)measure->height * measure->width;
    struct frame frame = {measure->height, measure->width, malloc(pixels), malloc(pixels)};
    bool present[256] = {false};
    enum nephos_status status = NEPHOS_OK;
    if (!frame.labels || !frame.mask) FAIL(set->log, NEPHOS_ERROR_MEMORY, "%s: no memory for its masks", set->samples[sample].path);
    TRY(measure_labels(set, sample, frame.height, frame.width, frame.labels, &measure->defects, &measure->labelled));
    if (measure->labelled) find_present(set, &frame, measure, present);
    for (uint32_t c = 0; c < set->class_count; c++)
        if (present[c]) TRY(measure_class(set, &frame, c, measure));
fail:
    free(frame.labels);
    free(frame.mask);
    return status;
}
