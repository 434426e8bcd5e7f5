// SPDX-License-Identifier: MIT
#include "post/post.h"

#include <stdlib.h>

static void mark_border(const struct post_components *c, uint32_t height, uint32_t width, bool *open)
{
    const size_t last_row = (size_t)(height - 1) * width;
    for (uint32_t x = 0; x < width; x++)
        open[c->labels[x]] = open[c->labels[last_row + x]] = true;
    for (uint32_t y = 0; y < height; y++)
        open[c->labels[(size_t)y * width]] = open[c->labels[(size_t)y * width + width - 1]] = true;
}

enum nephos_status post_fill_holes(struct nephos_log *log, uint8_t *mask, uint32_t height, uint32_t width)
{
    const size_t pixels = (size_t)height * width;
    struct post_components c = {0};
    if (pixels == 0) return NEPHOS_OK;
    enum nephos_status status = post_components_find(log, mask, height, width, false, POST_4, &c);
    if (status != NEPHOS_OK) return status;
    bool *open = calloc((size_t)c.count + 1, sizeof *open);
    if (open) {
        mark_border(&c, height, width, open);
        for (size_t i = 0; i < pixels; i++) {
            if (c.labels[i] && !open[c.labels[i]]) mask[i] = 1;
        }
    } else {
        status = base_fail(log, NEPHOS_ERROR_MEMORY, "holes of a mask of %ux%u: out of memory", height, width);
    }
    free(open);
    post_components_free(&c);
    return status;
}
