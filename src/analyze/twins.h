// SPDX-License-Identifier: MIT
// Images that are the same, or nearly: by their pixels, and by their perceptual hashes.
#ifndef ANALYZE_TWINS_H
#define ANALYZE_TWINS_H

#include "analyze/figures.h"

enum { TWINS_KEPT = 10000 };

struct twin { // samples a < b
    uint32_t a, b;
    bool identical;    // every pixel
    bool leak;         // on different sides of the split
    uint32_t distance; // bits in which the hashes differ
    double likeness;   // correlation of the reduced images, -1..1
};
struct twins {
    struct twin *items; // leaks first, then identical ones, then by distance; at most TWINS_KEPT
    uint32_t count;
    uint64_t identical, near, leaks; // pairs, those not kept too; of n identical images each is paired with the first
};
// `distance`: most bits in which hashes of near-duplicates differ, at most TWINS_DISTANCE.
enum { TWINS_DISTANCE = 15 };
enum nephos_status twins_find(struct nephos_log *log, const struct data_set *set, const struct figures *figures, uint32_t distance,
                              struct twins *twins);
void twins_free(struct twins *twins);

#endif
