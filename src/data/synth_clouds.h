// SPDX-License-Identifier: MIT
// How the sea and the four kinds of cloud look, one point at a time. Lengths are in 1/128 of the image's height.
#ifndef DATA_SYNTH_CLOUDS_H
#define DATA_SYNTH_CLOUDS_H

#include <stdint.h>

enum { SYNTH_CLASSES = 4 };
extern const char *const synth_class_names[SYNTH_CLASSES]; // Fish, Flower, Gravel, Sugar

struct synth_wind { // what one field of cloud shares
    double cosine, sine; // of the direction it is drawn out along
    uint32_t seed;
};
// Opacity of a class's cloud, 0..1; `weight` below 1 thins it out towards the edge of its field.
double synth_cloud(int class_index, double x, double y, double weight, const struct synth_wind *wind);
// Thin cirrus and stray clouds that belong to no class.
double synth_haze(double x, double y, uint32_t seed);
// Colours, 0..255 each; `glint` 0..1 is the sun's reflection.
void synth_sea_colour(double x, double y, double glint, uint32_t seed, double rgb[3]);
void synth_cloud_colour(double x, double y, uint32_t seed, double rgb[3]);

#endif
