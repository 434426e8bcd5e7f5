// SPDX-License-Identifier: MIT
#include "check/fill.h"

#include <math.h>

static float random_float(const struct check_case *c, enum check_fill fill, struct base_rng *rng)
{
    switch (fill) {
    case CHECK_UNIFORM: return base_rng_float(rng) * 0.998f + 0.001f; // off the ends, where logarithms end
    case CHECK_POSITIVE: return 0.5f + 1.5f * base_rng_float(rng);
    case CHECK_BITS: return (float)base_rng_below(rng, 2);
    case CHECK_INDEX:
        if (c->attr.ignore_index && base_rng_below(rng, 8) == 0) return (float)c->attr.ignore_index;
        return (float)base_rng_below(rng, c->index_bound ? c->index_bound : 1);
    default: return base_rng_normal(rng);
    }
}

// A shuffled grid over about -2 .. 2 (wider where the gap would get too small). The gap is ten difference steps or more, and
// the value next to zero is a quarter gap away, so no step crosses zero or changes the order of two elements.
static void fill_distinct(struct base_rng *rng, uint32_t *words, uint64_t count)
{
    const double gap = count < 4000 ? 4.0 / (double)count : 1e-3;
    for (uint64_t i = 0; i < count; i++) words[i] = check_word((float)(((double)i - (double)count / 2 + 0.25) * gap));
    for (uint64_t i = count; i > 1; i--) {
        const uint32_t other = base_rng_below(rng, (uint32_t)i);
        const uint32_t word = words[i - 1];
        words[i - 1] = words[other];
        words[other] = word;
    }
}

void check_moments(const struct check_tensor *x, uint32_t c, double *mean, double *m2)
{
    const uint64_t rows = op_count(x->shape) / x->shape.c;
    *mean = *m2 = 0;
    for (uint64_t r = 0; r < rows; r++) *mean += x->v[r * x->shape.c + c] / (double)rows;
    for (uint64_t r = 0; r < rows; r++) *m2 += pow(x->v[r * x->shape.c + c] - *mean, 2);
}

static void fill_moments(const struct check_tensor *x, uint32_t *words)
{
    const uint32_t channels = x->shape.c;
    for (uint32_t c = 0; c < channels; c++) {
        double mean, m2;
        check_moments(x, c, &mean, &m2);
        words[c] = check_word((float)mean);
        words[channels + c] = check_word((float)(m2 * channels / (double)op_count(x->shape)));
    }
}

void check_fill_operand(const struct check_case *c, uint32_t index, struct base_rng *rng, const struct check_tensor *first,
                        uint32_t *words, double *values)
{
    const uint64_t count = op_count(c->in[index]);
    const enum check_fill fill = c->fill[index];
    if (fill == CHECK_DISTINCT) fill_distinct(rng, words, count);
    if (fill == CHECK_MOMENTS) fill_moments(first, words);
    for (uint64_t i = 0; i < count; i++) {
        if (fill == CHECK_WORDS) words[i] = base_rng_u32(rng);
        else if (fill != CHECK_DISTINCT && fill != CHECK_MOMENTS && fill != CHECK_OWN) words[i] = check_word(random_float(c, fill, rng));
        values[i] = fill == CHECK_WORDS || fill == CHECK_OWN ? (double)words[i] : (double)check_float(words[i]);
    }
}
