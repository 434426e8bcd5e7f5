// SPDX-License-Identifier: MIT
#include "base/rng.h"

#include <criterion/criterion.h>
#include <math.h>

// The vectors published with the generator (Random123, kat_vectors).
Test(rng, philox_gives_the_published_vectors)
{
    static const struct {
        uint32_t counter[4], key[2], out[4];
    } known[] = {
        {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
        {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}, {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
        {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}, {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        uint32_t out[4];
        base_philox(known[i].counter, known[i].key, out);
        for (int word = 0; word < 4; word++) cr_expect_eq(out[word], known[i].out[word], "vector %zu word %d: %08x", i, word, out[word]);
    }
}

Test(rng, words_come_from_the_documented_counter_and_key)
{
    struct base_rng rng;
    base_rng_init(&rng, 0x1122334455667788u, BASE_RNG_TEST, 9);
    for (uint32_t block = 0; block < 3; block++) {
        const uint32_t counter[4] = {block, 0, 9, BASE_RNG_TEST}, key[2] = {0x55667788u, 0x11223344u};
        uint32_t expected[4];
        base_philox(counter, key, expected);
        for (int word = 0; word < 4; word++) cr_expect_eq(base_rng_u32(&rng), expected[word]);
    }
}

Test(rng, below_stays_below_and_is_even)
{
    struct base_rng rng;
    base_rng_init(&rng, 1, BASE_RNG_TEST, 0);
    unsigned hits[6] = {0};
    for (int i = 0; i < 60000; i++) {
        const uint32_t value = base_rng_below(&rng, 6);
        cr_assert_lt(value, 6);
        hits[value]++;
    }
    for (int i = 0; i < 6; i++) cr_expect(hits[i] > 9600 && hits[i] < 10400, "%d drawn %u times", i, hits[i]);
    for (int i = 0; i < 8; i++) cr_expect_eq(base_rng_below(&rng, 1), 0);
}

Test(rng, below_rejects_the_surplus_of_large_bounds)
{
    // Without rejection, values of the lower half would come twice as often with this bound (2/3 of 2^32).
    struct base_rng rng;
    base_rng_init(&rng, 2, BASE_RNG_TEST, 0);
    const uint32_t bound = 0xAAAAAAAAu;
    unsigned lower = 0;
    for (int i = 0; i < 40000; i++) lower += base_rng_below(&rng, bound) < bound / 2;
    cr_expect(lower > 19500 && lower < 20500, "%u of 40000", lower);
}

Test(rng, floats_fill_the_unit_interval_without_one)
{
    struct base_rng rng;
    base_rng_init(&rng, 3, BASE_RNG_TEST, 0);
    double sum = 0;
    for (int i = 0; i < 40000; i++) {
        const float value = base_rng_float(&rng);
        cr_assert(value >= 0.0f && value < 1.0f);
        sum += (double)value;
    }
    cr_expect_float_eq(sum / 40000, 0.5, 0.01);
}

Test(rng, normals_have_the_moments_of_the_normal_distribution)
{
    struct base_rng rng;
    base_rng_init(&rng, 4, BASE_RNG_TEST, 0);
    double sum = 0, squares = 0, fourths = 0;
    const int count = 100000;
    for (int i = 0; i < count; i++) {
        const double value = (double)base_rng_normal(&rng);
        cr_assert(isfinite(value));
        sum += value;
        squares += value * value;
        fourths += value * value * value * value;
    }
    cr_expect_float_eq(sum / count, 0.0, 0.015);
    cr_expect_float_eq(squares / count, 1.0, 0.02);
    cr_expect_float_eq(fourths / count, 3.0, 0.15);
}
