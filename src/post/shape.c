// SPDX-License-Identifier: MIT
// The shape of a component from the first and the last pixel it has in each row: an 8-connected one has pixels in all of its rows.
#include "post/post.h"

#include <stdlib.h>

struct outline {
    int64_t top, bottom; // rows, both inside; none yet: top > bottom
    size_t at;           // of row `top` in the arrays of edges
};
struct shaping {
    struct post_components components;
    struct outline *outlines; // [count + 1]
    int64_t *left, *right;    // [edges]: columns, both inside
    int64_t *corners;         // [height]: rows of the corners of the hull's one side
};

static void find_rows(const struct post_components *c, uint32_t height, uint32_t width, struct outline *outlines)
{
    for (uint32_t i = 0; i <= c->count; i++)
        outlines[i] = (struct outline){.top = height, .bottom = -1};
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            struct outline *o = &outlines[c->labels[(size_t)y * width + x]];
            if (o->top > y) o->top = y;
            o->bottom = y;
        }
    }
}

// Gives each component its place in the arrays; returns how many edges there are.
static size_t place_edges(struct outline *outlines, uint32_t count)
{
    size_t edges = 0;
    for (uint32_t i = 1; i <= count; i++) {
        outlines[i].at = edges;
        edges += (size_t)(outlines[i].bottom - outlines[i].top + 1);
    }
    return edges;
}

static void find_edges(struct shaping *s, uint32_t height, uint32_t width, size_t edges)
{
    for (size_t i = 0; i < edges; i++) {
        s->left[i] = width;
        s->right[i] = -1;
    }
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++) {
            const uint32_t label = s->components.labels[(size_t)y * width + x];
            if (label == 0) continue;
            const size_t i = s->outlines[label].at + (size_t)(y - s->outlines[label].top);
            if (s->left[i] > x) s->left[i] = x;
            s->right[i] = x;
        }
    }
}

// Rounded towards larger numbers, divisor > 0.
static int64_t divide_up(int64_t a, int64_t b)
{
    return a / b + (a % b > 0);
}

// edge[0 ... count) becomes the first column inside the convex hull of the points (row, edge[row]): `corners` keeps the rows where its
// side turns.
static void make_convex(int64_t *edge, int64_t count, int64_t *corners)
{
    int64_t n = 0;
    for (int64_t y = 0; y < count; y++) {
        while (n >= 2) {
            const int64_t a = corners[n - 2], b = corners[n - 1];
            if ((edge[b] - edge[a]) * (y - a) < (edge[y] - edge[a]) * (b - a)) break; // b lies outside the line from a to y
            n--;
        }
        corners[n++] = y;
    }
    for (int64_t i = 0; i + 1 < n; i++) {
        const int64_t a = corners[i], b = corners[i + 1], from = edge[a], across = edge[b] - from;
        for (int64_t y = a + 1; y < b; y++)
            edge[y] = from + divide_up(across * (y - a), b - a);
    }
}

static void make_hull(int64_t *left, int64_t *right, int64_t count, int64_t *corners)
{
    make_convex(left, count, corners);
    for (int64_t y = 0; y < count; y++)
        right[y] = -right[y];
    make_convex(right, count, corners);
    for (int64_t y = 0; y < count; y++)
        right[y] = -right[y];
}

static void make_rectangle(int64_t *left, int64_t *right, int64_t count)
{
    int64_t first = left[0], last = right[0];
    for (int64_t y = 1; y < count; y++) {
        if (left[y] < first) first = left[y];
        if (right[y] > last) last = right[y];
    }
    for (int64_t y = 0; y < count; y++) {
        left[y] = first;
        right[y] = last;
    }
}

static void fill(uint8_t *mask, uint32_t width, const struct outline *o, const int64_t *left, const int64_t *right)
{
    for (int64_t y = o->top; y <= o->bottom; y++) {
        for (int64_t x = left[y - o->top]; x <= right[y - o->top]; x++)
            mask[y * width + x] = 1;
    }
}

static bool allocate_edges(struct shaping *s, size_t edges, uint32_t height)
{
    s->left = malloc((edges + 1) * sizeof *s->left);
    s->right = malloc((edges + 1) * sizeof *s->right);
    s->corners = malloc(((size_t)height + 1) * sizeof *s->corners);
    return s->left && s->right && s->corners;
}

static void shape_all(struct shaping *s, uint8_t *mask, uint32_t width, enum post_shape shape)
{
    for (uint32_t i = 1; i <= s->components.count; i++) {
        const struct outline *o = &s->outlines[i];
        int64_t *left = s->left + o->at, *right = s->right + o->at;
        if (shape == POST_SHAPE_CONVEX)
            make_hull(left, right, o->bottom - o->top + 1, s->corners);
        else
            make_rectangle(left, right, o->bottom - o->top + 1);
        fill(mask, width, o, left, right);
    }
}

enum nephos_status post_set_shape(struct nephos_log *log, uint8_t *mask, uint32_t height, uint32_t width, enum post_shape shape)
{
    struct shaping s = {0};
    if (shape == POST_SHAPE_NONE) return NEPHOS_OK;
    enum nephos_status status = post_components_find(log, mask, height, width, true, POST_8, &s.components);
    if (status != NEPHOS_OK) return status;
    s.outlines = malloc(((size_t)s.components.count + 1) * sizeof *s.outlines);
    size_t edges = 0;
    if (s.outlines) {
        find_rows(&s.components, height, width, s.outlines);
        edges = place_edges(s.outlines, s.components.count);
    }
    if (s.outlines && allocate_edges(&s, edges, height)) {
        find_edges(&s, height, width, edges);
        shape_all(&s, mask, width, shape);
    } else {
        status = base_fail(log, NEPHOS_ERROR_MEMORY, "shapes in a mask of %ux%u: out of memory", height, width);
    }
    free(s.left);
    free(s.right);
    free(s.corners);
    free(s.outlines);
    post_components_free(&s.components);
    return status;
}
