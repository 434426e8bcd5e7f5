// SPDX-License-Identifier: MIT
// What a case has shown so far: the worst deviation and the first offence.
#ifndef CHECK_VERDICT_H
#define CHECK_VERDICT_H

#include "check/check.h"

struct check_verdict {
    bool failed;
    double error, limit; // of the comparison that came closest to its limit
    double seconds;      // on the device
    char detail[400];    // first offence
};

// Floats as the words that travel to and from the GPU.
static inline uint32_t check_word(float value)
{
    union { float f; uint32_t u; } bits = {.f = value};
    return bits.u;
}

static inline float check_float(uint32_t word)
{
    union { uint32_t u; float f; } bits = {.u = word};
    return bits.f;
}

// The largest finite magnitude.
double check_magnitude(const double *values, uint64_t count);

// Compares the float got[index[i]] (index NULL: got[i]) with want[i]. The deviation is divided by the largest magnitude of `want`, but by
// at least `floor`: single elements near zero are sums whose terms cancelled, and carry the absolute error of those terms.
void check_compare(struct check_verdict *verdict, const char *what, const uint32_t *got, const double *want, const uint64_t *index,
                   uint64_t count, double floor, double tolerance);
void check_offence(struct check_verdict *verdict, const char *format, ...) NEPHOS_PRINTF(2, 3);

// Shape and attributes of a case as text.
void check_case_text(const struct check_case *c, char *text, size_t size);

#endif
