// SPDX-License-Identifier: MIT
#ifndef UNPACK_IMAGE_H
#define UNPACK_IMAGE_H
#include "lib/shared.h"
#define UNPACK_BITS 0   // labels: bit c says that class c is present
#define UNPACK_ONE_HOT 1 // labels: a class index, 255 = none
#define UNPACK_INDEX 2  // the same, kept as an index
struct unpack_image_push {
    uint count; // pixels of the result
    uint height, width;               // of the packed image
    uint padded_height, padded_width; // of the unpacked one
    float scale[3], offset[3];        // colour = byte * scale + offset
    uint classes, mode;               // of the target
};
#endif
