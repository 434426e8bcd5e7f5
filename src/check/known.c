// SPDX-License-Identifier: MIT
#include "check/known.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void check_known_rewind(struct check_known *known)
{
    known->complete = known->count > 0 && !known->no_memory;
    known->next = 0;
    if (!known->complete) known->count = 0;
    known->no_memory = false;
}

static bool make_room(struct check_known *known, uint64_t count)
{
    if (known->count + count <= known->capacity) return true;
    const uint64_t capacity = 2 * known->capacity + count;
    double *v = realloc(known->v, capacity * sizeof *v);
    if (!v) return false;
    known->v = v;
    known->capacity = capacity;
    return true;
}

void check_known_exchange(struct check_known *known, double *values, uint64_t count)
{
    if (known->complete) {
        const bool there = known->next + count <= known->count; // else a way asks for other things than the first: NaN fails its case
        for (uint64_t i = 0; i < count; i++) values[i] = there ? known->v[known->next + i] : (double)NAN;
        known->next += count;
    } else if (make_room(known, count)) {
        memcpy(known->v + known->count, values, count * sizeof *values);
        known->count += count;
    } else {
        known->no_memory = true; // then every way asks the reference itself
    }
}

void check_known_free(struct check_known *known)
{
    free(known->v);
    *known = (struct check_known){0};
}
