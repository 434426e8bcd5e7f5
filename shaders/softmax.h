// SPDX-License-Identifier: MIT
#ifndef SOFTMAX_H
#define SOFTMAX_H
#include "lib/shared.h"
struct softmax_push {
    uint count;    // pixels
    uint channels;
};
#endif
