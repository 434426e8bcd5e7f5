// SPDX-License-Identifier: MIT
// Connected components in two passes: pixels take a label from the neighbours before them, and labels that meet are united.
#include "post/post.h"

#include <stdlib.h>

struct labelling {
    uint32_t *labels;
    uint32_t *parent; // of a provisional label: never a larger one
    uint32_t count, capacity;
};

static uint32_t root_of(struct labelling *l, uint32_t label)
{
    while (l->parent[label] != label)
        label = l->parent[label] = l->parent[l->parent[label]];
    return label;
}

static uint32_t unite(struct labelling *l, uint32_t a, uint32_t b)
{
    if (a == 0 || b == 0) return a + b;
    a = root_of(l, a);
    b = root_of(l, b);
    const uint32_t smaller = a < b ? a : b;
    return l->parent[a] = l->parent[b] = smaller;
}

// 0 where memory is out.
static uint32_t new_label(struct labelling *l)
{
    if (l->count + 1 >= l->capacity) {
        const uint32_t capacity = l->capacity ? 2 * l->capacity : 256;
        uint32_t *grown = realloc(l->parent, capacity * sizeof *grown);
        if (!grown) return 0;
        l->parent = grown;
        l->capacity = capacity;
    }
    l->count++;
    return l->parent[l->count] = l->count;
}

// The label that the neighbours before (y, x) give it, 0 where they have none.
static uint32_t label_before(struct labelling *l, uint32_t y, uint32_t x, uint32_t width, enum post_connectivity connectivity)
{
    const uint32_t *at = l->labels + (size_t)y * width + x;
    uint32_t label = x > 0 ? at[-1] : 0;
    if (y == 0) return label;
    const uint32_t *above = at - width;
    label = unite(l, label, above[0]);
    if (connectivity == POST_4) return label;
    if (x > 0) label = unite(l, label, above[-1]);
    if (x + 1 < width) label = unite(l, label, above[1]);
    return label;
}

static bool label_pixels(struct labelling *l, const uint8_t *mask, uint32_t height, uint32_t width, bool set,
                         enum post_connectivity connectivity)
{
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            const size_t i = (size_t)y * width + x;
            l->labels[i] = 0;
            if ((mask[i] != 0) != set) continue;
            const uint32_t label = label_before(l, y, x, width, connectivity);
            l->labels[i] = label ? label : new_label(l);
            if (l->labels[i] == 0) return false;
        }
    }
    return true;
}

// Final labels without gaps. A parent is smaller, so it has its final label already.
static uint32_t close_gaps(struct labelling *l, size_t pixels)
{
    uint32_t count = 0;
    for (uint32_t i = 1; i <= l->count; i++)
        l->parent[i] = l->parent[i] == i ? ++count : l->parent[l->parent[i]];
    for (size_t i = 0; i < pixels; i++) {
        if (l->labels[i]) l->labels[i] = l->parent[l->labels[i]];
    }
    return count;
}

enum nephos_status post_components_find(struct nephos_log *log, const uint8_t *mask, uint32_t height, uint32_t width, bool set,
                                        enum post_connectivity connectivity, struct post_components *components)
{
    const size_t pixels = (size_t)height * width;
    struct labelling l = {.labels = malloc((pixels + 1) * sizeof *l.labels)};
    const bool complete = l.labels && label_pixels(&l, mask, height, width, set, connectivity);
    if (complete)
        *components = (struct post_components){l.labels, close_gaps(&l, pixels)};
    else
        free(l.labels);
    free(l.parent);
    return complete ? NEPHOS_OK : base_fail(log, NEPHOS_ERROR_MEMORY, "components of a mask of %ux%u: out of memory", height, width);
}

void post_components_free(struct post_components *components)
{
    free(components->labels);
    *components = (struct post_components){0};
}
