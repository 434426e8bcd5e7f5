// SPDX-License-Identifier: MIT
#ifndef EMA_H
#define EMA_H
#include "lib/shared.h"
struct ema_push {
    uint count; // parameters
    float share; // 1 - decay
};
#endif
