// SPDX-License-Identifier: MIT
#include "train/bench.h"

#include "base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FILE (UINT64_C(16) << 20)
#define MAX_SIZE 65535

static bool in_range(uint32_t value, uint32_t least)
{
    return value >= least && value <= MAX_SIZE;
}

static bool parse_row(const char *line, struct bench_layer *layer)
{
    const int fields = sscanf(line, "%95[^,],%u,%u,%u,%u,%u,%u,%u", layer->name, &layer->cin, &layer->cout, &layer->kernel, &layer->stride,
                              &layer->padding, &layer->height, &layer->width);
    return fields == 8 && in_range(layer->cin, 1) && in_range(layer->cout, 1) && in_range(layer->kernel, 1) && in_range(layer->stride, 1) &&
           in_range(layer->padding, 0) && in_range(layer->height, 1) && in_range(layer->width, 1);
}

static bool is_skipped(const char *line)
{
    return *line == '\0' || *line == '#' || strncmp(line, "layer,", 6) == 0 || strncmp(line, "total,", 6) == 0;
}

enum nephos_status bench_read_layers(struct nephos_log *log, const char *path, struct bench_layer **layers, size_t *count)
{
    char *text;
    size_t size, rows = 1;
    enum nephos_status status = base_file_read(log, path, MAX_FILE, &text, &size);
    if (status != NEPHOS_OK) return status;
    for (size_t i = 0; i < size; i++) rows += text[i] == '\n';
    struct bench_layer *list = calloc(rows, sizeof *list);
    if (!list) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", path);
    size_t used = 0, number = 1;
    for (char *line = text, *next; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (is_skipped(line)) continue;
        if (!parse_row(line, &list[used]))
            FAIL(log, NEPHOS_ERROR_DATA, "%s:%zu: not a row of layer,cin,cout,kernel,stride,padding,h_in,w_in", path, number);
        used++;
    }
    if (used == 0) FAIL(log, NEPHOS_ERROR_DATA, "%s: no layers", path);
    free(text);
    *layers = list;
    *count = used;
    return NEPHOS_OK;
fail:
    free(list);
    free(text);
    return status;
}
