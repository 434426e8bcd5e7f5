// SPDX-License-Identifier: MIT
#include "data/synth_scene.h"

#include "base/rng.h"
#include "data/synth_noise.h"

#include <math.h>
#include <string.h>

static double between(struct base_rng *rng, double low, double high)
{
    return low + (high - low) * (double)base_rng_float(rng);
}

// --- layout -----------------------------------------------------------------------------------------------------------

static bool in_band(const struct synth_scene *scene, double x, double y)
{
    const double from_left = x - (scene->band_left + scene->band_slope * (y - 0.5));
    return from_left >= 0 && from_left < scene->band_width;
}

static bool in_class(const struct synth_scene *scene, int class_index, double x, double y)
{
    for (uint32_t i = 0; i < scene->rectangle_count[class_index]; i++) {
        const struct synth_rectangle *r = &scene->rectangles[class_index][i];
        if (x >= r->left && x < r->right && y >= r->top && y < r->bottom) return true;
    }
    return false;
}

// Share of a rectangle that the band or another class takes, from a grid of points.
static double share_taken(const struct synth_scene *scene, int class_index, const struct synth_rectangle *r)
{
    enum { GRID = 12 };
    int taken = 0;
    for (int i = 0; i < GRID * GRID; i++) {
        const double x = r->left + (r->right - r->left) * (i % GRID + 0.5) / GRID;
        const double y = r->top + (r->bottom - r->top) * (i / GRID + 0.5) / GRID;
        bool here = in_band(scene, x, y);
        for (int c = 0; c < SYNTH_CLASSES; c++) here |= c != class_index && in_class(scene, c, x, y);
        taken += here;
    }
    return (double)taken / (GRID * GRID);
}

static struct synth_rectangle random_rectangle(struct base_rng *rng, double largest)
{
    const double width = between(rng, 0.32, largest), height = between(rng, 0.36, largest + 0.12);
    const double left = between(rng, 0, 1 - width), top = between(rng, 0, 1 - height);
    return (struct synth_rectangle){left, top, left + width, top + height};
}

// Annotators who mark the same field disagree about its edges; the label is the union of what they drew.
static struct synth_rectangle second_opinion(struct base_rng *rng, const struct synth_rectangle *r)
{
    const double width = 0.25 * (r->right - r->left), height = 0.25 * (r->bottom - r->top);
    struct synth_rectangle other = *r;
    other.left = fmax(0, r->left + between(rng, -width, width));
    other.right = fmin(1, r->right + between(rng, -width, width));
    other.top = fmax(0, r->top + between(rng, -height, height));
    other.bottom = fmin(1, r->bottom + between(rng, -height, height));
    return other;
}

static void place_class(struct synth_scene *scene, struct base_rng *rng, int class_index, double largest)
{
    struct synth_rectangle best = {0}, candidate;
    double least = 2;
    for (int attempt = 0; attempt < 40; attempt++) {
        candidate = random_rectangle(rng, largest);
        const double taken = share_taken(scene, class_index, &candidate);
        if (taken < least) {
            least = taken;
            best = candidate;
        }
    }
    bool first = true;
    for (int c = 0; c < SYNTH_CLASSES; c++) first = first && scene->rectangle_count[c] == 0;
    if (least > 0.2 && !first) return; // no room: this class is left out
    uint32_t *count = &scene->rectangle_count[class_index];
    scene->rectangles[class_index][(*count)++] = best;
    const uint32_t opinions = base_rng_below(rng, SYNTH_RECTANGLES);
    for (uint32_t i = 0; i < opinions; i++) {
        candidate = second_opinion(rng, &best);
        if (share_taken(scene, class_index, &candidate) < 0.15) scene->rectangles[class_index][(*count)++] = candidate;
    }
}

static void draw_winds(struct synth_scene *scene, struct base_rng *rng)
{
    for (int c = 0; c < SYNTH_CLASSES; c++) {
        const double angle = between(rng, -0.55, 0.55);
        scene->wind[c] = (struct synth_wind){cos(angle), sin(angle), base_rng_u32(rng)};
    }
}

static void draw_band_and_glint(struct synth_scene *scene, struct base_rng *rng)
{
    const bool band = base_rng_below(rng, 3) == 0, glint = base_rng_below(rng, 2) == 0;
    scene->band_left = between(rng, -0.05, 0.9);
    scene->band_slope = between(rng, -0.22, 0.22);
    scene->band_width = band ? between(rng, 0.07, 0.14) : 0;
    scene->glint_centre = between(rng, 0, 1);
    scene->glint_slope = between(rng, -0.2, 0.2);
    scene->glint_width = between(rng, 0.06, 0.16);
    scene->glint_strength = glint ? between(rng, 0.45, 0.95) : between(rng, 0, 0.15);
}

void synth_scene_draw(struct synth_scene *scene, uint64_t seed, uint32_t index)
{
    struct base_rng rng;
    base_rng_init(&rng, seed, BASE_RNG_SYNTH, index);
    *scene = (struct synth_scene){.seed = base_rng_u32(&rng)};
    draw_band_and_glint(scene, &rng);
    draw_winds(scene, &rng);
    int order[SYNTH_CLASSES] = {0, 1, 2, 3};
    for (uint32_t i = SYNTH_CLASSES - 1; i > 0; i--) {
        const uint32_t other = base_rng_below(&rng, i + 1);
        const int kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
    static const double largest[] = {0.9, 0.58, 0.46}; // the more classes, the smaller their fields
    static const uint32_t counts[] = {1, 2, 2, 3, 3}; // about two on average once some found no room
    const uint32_t classes = counts[base_rng_below(&rng, 5)];
    for (uint32_t i = 0; i < classes; i++) place_class(scene, &rng, order[i], largest[classes - 1]);
}

// --- drawing ----------------------------------------------------------------------------------------------------------

// How far inside the class's rectangles a point is, 0..1, with an uneven edge. `aspect`: width over height.
static double inside(const struct synth_scene *scene, int class_index, double x, double y, double aspect)
{
    double depth = -1e9;
    for (uint32_t i = 0; i < scene->rectangle_count[class_index]; i++) {
        const struct synth_rectangle *r = &scene->rectangles[class_index][i];
        const double sideways = fmin(x - r->left, r->right - x) * aspect, upright = fmin(y - r->top, r->bottom - y);
        depth = fmax(depth, 128 * fmin(sideways, upright));
    }
    if (depth < -8) return 0;
    const double uneven = noise_octaves(x * aspect * 10, y * 10, 3, scene->wind[class_index].seed + 90) - 0.5;
    return noise_step(-2, 4, depth + 12 * uneven);
}

static double glint_at(const struct synth_scene *scene, double x, double y)
{
    const double distance = (x - scene->glint_centre - scene->glint_slope * (y - 0.5)) / scene->glint_width;
    return scene->glint_strength * exp(-distance * distance);
}

static void paint_point(const struct synth_scene *scene, double x, double y, double aspect, double rgb[3])
{
    const double u = 128 * aspect * x, v = 128 * y;
    double clear = 1 - synth_haze(u, v, scene->seed), white[3];
    for (int c = 0; c < SYNTH_CLASSES; c++) {
        if (scene->rectangle_count[c] == 0) continue;
        const double weight = inside(scene, c, x, y, aspect);
        if (weight > 0) clear *= 1 - synth_cloud(c, u, v, weight, &scene->wind[c]);
    }
    synth_sea_colour(u, v, glint_at(scene, x, y), scene->seed + 30, rgb);
    synth_cloud_colour(u, v, scene->seed + 60, white);
    for (int i = 0; i < 3; i++) rgb[i] = rgb[i] * clear + white[i] * (1 - clear);
}

void synth_scene_paint(const struct synth_scene *scene, uint32_t height, uint32_t width, uint8_t *rgb)
{
    const double aspect = (double)width / height;
    for (uint32_t row = 0; row < height; row++) {
        for (uint32_t column = 0; column < width; column++) {
            const double x = (column + 0.5) / width, y = (row + 0.5) / height;
            double colour[3] = {0};
            if (!in_band(scene, x, y)) paint_point(scene, x, y, aspect, colour);
            for (int i = 0; i < 3; i++) *rgb++ = (uint8_t)(colour[i] + 0.5);
        }
    }
}

bool synth_scene_mask(const struct synth_scene *scene, int class_index, uint32_t height, uint32_t width, uint8_t *mask)
{
    bool any = false;
    for (uint32_t row = 0; row < height; row++) {
        for (uint32_t column = 0; column < width; column++) {
            const double x = (column + 0.5) / width, y = (row + 0.5) / height;
            const bool set = in_class(scene, class_index, x, y) && !in_band(scene, x, y);
            mask[(size_t)row * width + column] = set;
            any |= set;
        }
    }
    return any;
}
