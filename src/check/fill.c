// SPDX-License-Identifier: MIT
#include "check/fill.h"

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

void check_fill_operand(const struct check_case *c, uint32_t index, struct base_rng *rng, uint32_t *words, double *values)
{
    const uint64_t count = op_count(c->in[index]);
    const enum check_fill fill = c->fill[index];
    if (fill == CHECK_DISTINCT) fill_distinct(rng, words, count);
    for (uint64_t i = 0; i < count; i++) {
        if (fill == CHECK_WORDS) words[i] = base_rng_u32(rng);
        else if (fill != CHECK_DISTINCT) words[i] = check_word(random_float(c, fill, rng));
        values[i] = fill == CHECK_WORDS ? (double)words[i] : (double)check_float(words[i]);
    }
}
