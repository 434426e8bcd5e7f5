// SPDX-License-Identifier: MIT
#ifndef DROPOUT_H
#define DROPOUT_H
#include "lib/shared.h"
struct dropout_push {
    uint count;        // blocks of four elements
    uint elements;
    uint image_blocks; // blocks of one image
    uint threshold;    // an element is kept if its 24 random bits are not below
    float scale;       // 1 / (1 - p)
    uint seed_id;
};
#endif
