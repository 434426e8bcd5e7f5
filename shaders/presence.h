// SPDX-License-Identifier: MIT
#ifndef PRESENCE_H
#define PRESENCE_H
#include "lib/shared.h"
struct presence_push {
    uint pixels, classes; // of one image
    uint ignore_index;    // 0: none
};
#endif
