// SPDX-License-Identifier: MIT
#ifndef BCE_WITH_LOGITS_H
#define BCE_WITH_LOGITS_H
#include "lib/shared.h"
struct bce_with_logits_push {
    uint count;  // elements
    float scale; // 1 / count
    uint rows, chunk_rows; // with SOFTWARE: elements / LANES, and how many of these a workgroup takes
};
#endif
