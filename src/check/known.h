// SPDX-License-Identifier: MIT
// What the reference says of a case does not depend on the way that the device computes it: its numbers are kept in the order in which
// the first way asks for them, and given back to the others.
#ifndef CHECK_KNOWN_H
#define CHECK_KNOWN_H

#include <stdbool.h>
#include <stdint.h>

struct check_known {
    double *v;
    uint64_t count, capacity;
    uint64_t next; // to be given back
    bool complete; // v[] holds what the ways to come will ask for
    bool no_memory;
};

// To the beginning; what has been kept until now will be given back.
void check_known_rewind(struct check_known *known);
// Fills values[] from what is known, or keeps what they are.
void check_known_exchange(struct check_known *known, double *values, uint64_t count);
void check_known_free(struct check_known *known);

#endif
