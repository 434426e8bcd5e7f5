// SPDX-License-Identifier: MIT
#include "base/half.h"

#include <criterion/criterion.h>
#include <math.h>

// Every half is what it was after the way through a float; so is every bf16.
Test(half, comes_back_from_a_float)
{
    for (uint32_t bits = 0; bits < 0x10000; bits++) {
        const float half = base_half_to_float((uint16_t)bits), bf16 = base_bf16_to_float((uint16_t)bits);
        if (isnan(half)) cr_assert(isnan(base_half_to_float(base_half_from_float(half))), "0x%04x", bits);
        else cr_assert_eq(base_half_from_float(half), bits, "0x%04x is %g", bits, (double)half);
        if (isnan(bf16)) cr_assert(isnan(base_bf16_to_float(base_bf16_from_float(bf16))), "0x%04x", bits);
        else cr_assert_eq(base_bf16_from_float(bf16), bits, "0x%04x is %g", bits, (double)bf16);
    }
}

static float half(float value) { return base_half_to_float(base_half_from_float(value)); }
static float bf16(float value) { return base_bf16_to_float(base_bf16_from_float(value)); }

Test(half, rounds_to_the_nearest_and_ties_to_even)
{
    cr_expect_eq(half(1 + 0x1p-11f), 1);
    cr_expect_eq(half(1 + 0x1.8p-10f), 1 + 0x1p-9f);
    cr_expect_eq(half(1 + 0x1.001p-11f), 1 + 0x1p-10f);
    cr_expect_eq(half(-2049), -2048);
    cr_expect_eq(half(2051), 2052);
    cr_expect_eq(half(0x1.ffep-15f), 0x1p-14f);
    cr_expect_eq(half(0x1.ff2p-15f), 0x1.ffp-15f);
    cr_expect_eq(half(0x1p-25f), 0);
    cr_expect_eq(half(0x1.8p-25f), 0x1p-24f);
    cr_expect_eq(half(65519.99f), 65504);
    cr_expect_eq(half(65520), INFINITY);
    cr_expect_eq(half(-1e30f), -INFINITY);
    cr_expect_eq(bf16(1 + 0x1p-8f), 1);
    cr_expect_eq(bf16(1 + 0x1.8p-7f), 1 + 0x1p-6f);
    cr_expect_eq(bf16(0x1.ffffp127f), INFINITY);
    cr_expect(signbit(half(-0.0f)) && signbit(bf16(-0.0f)));
}
