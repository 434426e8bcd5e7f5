// SPDX-License-Identifier: MIT
#ifndef AUGMENT_H
#define AUGMENT_H
#include "lib/shared.h"
#define AUGMENT_GRID_MOST 10   // cells along a side
#define AUGMENT_ELASTIC_MOST 8 // cells along a side
#define AUGMENT_HOLES_MOST 16
// What a record asks for; what is not asked for is not read.
#define AUGMENT_GRID 1
#define AUGMENT_ELASTIC 2
#define AUGMENT_BLUR 4
#define AUGMENT_COLOUR 8
#define AUGMENT_GAMMA 16
#define AUGMENT_NOISE 32
#define AUGMENT_CUTMIX 64
#define AUGMENT_MIXUP 128
#define AUGMENT_HOLES 256
#define AUGMENT_ALL 511
// How one image is changed. Positions are in pixels, (0, 0) is the middle of the first one.
struct augment_record {
    uint flags;
    float affine[6]; // the source of (x, y) is (a0 x + a1 y + a2, a3 x + a4 y + a5)
    uint grid_cells; // along each side
    float grid_x[AUGMENT_GRID_MOST + 1], grid_y[AUGMENT_GRID_MOST + 1]; // where the borders of cells come from: from 0 to the whole side
    uint elastic_cells; // along each side; a cell's corner has a control point, and there is one more all around
    float elastic_x[(AUGMENT_ELASTIC_MOST + 3) * (AUGMENT_ELASTIC_MOST + 3)]; // displacements, a row of cells + 3 after the other
    float elastic_y[(AUGMENT_ELASTIC_MOST + 3) * (AUGMENT_ELASTIC_MOST + 3)];
    float blur;       // standard deviation in pixels of the source
    float colour[12]; // three rows of a matrix, then an offset; of colours from 0 to 255
    float gamma;      // exponent
    float noise;      // standard deviation, of colours from 0 to 255
    uint noise_key[2];
    uint hole_count;
    uint holes[4 * AUGMENT_HOLES_MOST]; // left, top, right, bottom; right and bottom are no longer inside
    uint partner;    // another image of the batch
    uint cutmix[4];  // the partner is seen in here, as in holes
    float share;     // of the image itself under mixup; the rest is the partner's
};
struct augment_push {
    uint count; // pixels of one image made
    uint height, width;               // of the packed image
    uint padded_height, padded_width; // of the image made
    float scale[3], offset[3];        // value = colour * scale + offset
    uint classes, mode;               // of the target, see unpack_image.h
};
#endif
