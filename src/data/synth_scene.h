// SPDX-License-Identifier: MIT
// One synthetic picture: where its clouds are, and drawing it.
#ifndef DATA_SYNTH_SCENE_H
#define DATA_SYNTH_SCENE_H

#include "data/synth_clouds.h"

#include <stdbool.h>

struct synth_rectangle { // 0..1 of the picture's width and height
    double left, top, right, bottom;
};

enum { SYNTH_RECTANGLES = 3 }; // per class at most
struct synth_scene {
    uint32_t rectangle_count[SYNTH_CLASSES]; // 0: the class is absent
    struct synth_rectangle rectangles[SYNTH_CLASSES][SYNTH_RECTANGLES];
    struct synth_wind wind[SYNTH_CLASSES];
    double band_left, band_width, band_slope; // black band without data, in widths; width 0: none
    double glint_centre, glint_width, glint_slope, glint_strength;
    uint32_t seed;
};

// What picture number `index` of a set shows; the same at any size.
void synth_scene_draw(struct synth_scene *scene, uint64_t seed, uint32_t index);
// rgb[height * width * 3].
void synth_scene_paint(const struct synth_scene *scene, uint32_t height, uint32_t width, uint8_t *rgb);
// mask[height * width]: the class's rectangles less the band. False when that is nothing.
bool synth_scene_mask(const struct synth_scene *scene, int class_index, uint32_t height, uint32_t width, uint8_t *mask);

#endif
