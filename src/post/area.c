// SPDX-License-Identifier: MIT
#include "post/post.h"

#include <stdlib.h>

enum nephos_status post_drop_small(struct nephos_log *log, uint8_t *mask, uint32_t height, uint32_t width, uint64_t area, uint64_t frame)
{
    const size_t pixels = (size_t)height * width;
    struct post_components c = {0};
    if (area <= 1 && (frame == 0 || frame >= pixels)) return NEPHOS_OK; // no component has less than one pixel
    enum nephos_status status = post_components_find(log, mask, height, width, true, POST_8, &c);
    if (status != NEPHOS_OK) return status;
    uint64_t *areas = calloc((size_t)c.count + 1, sizeof *areas);
    if (areas) {
        const double scale = frame ? (double)frame / (double)pixels : 1;
        for (size_t i = 0; i < pixels; i++)
            areas[c.labels[i]]++;
        for (size_t i = 0; i < pixels; i++) {
            if (c.labels[i] && (double)areas[c.labels[i]] * scale < (double)area) mask[i] = 0;
        }
    } else {
        status = base_fail(log, NEPHOS_ERROR_MEMORY, "areas in a mask of %ux%u: out of memory", height, width);
    }
    free(areas);
    post_components_free(&c);
    return status;
}
