// SPDX-License-Identifier: MIT
// Affine maps from a pixel of the changed image to its source, in pixels; (0, 0) is the middle of the first one. Each function puts a
// step behind those that are there already: it gets what they give.
#ifndef TRAIN_AUGMENT_PLACE_H
#define TRAIN_AUGMENT_PLACE_H

#include <stdint.h>

struct affine {
    double m[2][3]; // rows of x and y
};
#define AFFINE_IDENTITY                                                                                                                    \
    {                                                                                                                                      \
        {                                                                                                                                  \
            {1, 0, 0},                                                                                                                     \
            {                                                                                                                              \
                0, 1, 0                                                                                                                    \
            }                                                                                                                              \
        }                                                                                                                                  \
    }

void affine_crop(struct affine *map, double share, double left, double top); // the part of these sides becomes the whole
void affine_shift(struct affine *map, double right, double down);
void affine_scale(struct affine *map, uint32_t height, uint32_t width, double factor);   // about the middle; above 1 things look larger
void affine_rotate(struct affine *map, uint32_t height, uint32_t width, double degrees); // about the middle, clockwise
// By 90 degrees `quarters` times about the middle, exactly where the sides are equal; else what is missing is mirrored.
void affine_turn(struct affine *map, uint32_t height, uint32_t width, uint32_t quarters);
void affine_flip(struct affine *map, uint32_t height, uint32_t width, uint32_t flips); // bits as in unpack_image's flags
void affine_store(const struct affine *map, float to[6]);

#endif
