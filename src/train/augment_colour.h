// SPDX-License-Identifier: MIT
// Affine maps of colours from 0 to 255. Each function puts a step behind those that are there already.
#ifndef TRAIN_AUGMENT_COLOUR_H
#define TRAIN_AUGMENT_COLOUR_H

#include <stdbool.h>
#include <stdint.h>

struct colour_map {
    double m[3][4]; // rows of red, green and blue: a matrix and an offset
};
#define COLOUR_IDENTITY                                                                                                                    \
    {                                                                                                                                      \
        {                                                                                                                                  \
            {1, 0, 0, 0}, {0, 1, 0, 0},                                                                                                    \
            {                                                                                                                              \
                0, 0, 1, 0                                                                                                                 \
            }                                                                                                                              \
        }                                                                                                                                  \
    }

void colour_shuffle(struct colour_map *map, uint32_t order); // one of six orders of the channels, 0: as they are
// About the axis of greys, from red towards green, keeping lightness (0.299 R + 0.587 G + 0.114 B): a rotation of the two other axes of YIQ.
void colour_turn_hue(struct colour_map *map, double degrees);
void colour_saturate(struct colour_map *map, double factor); // distance to the grey of the same lightness; 0: grey
void colour_contrast(struct colour_map *map, double factor); // distance to 127.5
void colour_brighten(struct colour_map *map, double by);
// Rows of the matrix, then the offsets; false if the map changes nothing.
bool colour_store(const struct colour_map *map, float to[12]);

#endif
