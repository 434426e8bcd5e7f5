// SPDX-License-Identifier: MIT
// Philox4x32-10 and the few distributions built on it.
#include "base/rng.h"

#include <math.h>

enum { PHILOX_ROUNDS = 10 };
#define PHILOX_MULTIPLY_0 0xD2511F53u
#define PHILOX_MULTIPLY_1 0xCD9E8D57u
#define PHILOX_WEYL_0 0x9E3779B9u // added to the key after each round
#define PHILOX_WEYL_1 0xBB67AE85u

void base_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4])
{
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];
    uint32_t k0 = key[0], k1 = key[1];
    for (int round = 0; round < PHILOX_ROUNDS; round++) {
        uint64_t product0 = (uint64_t)PHILOX_MULTIPLY_0 * c0;
        uint64_t product1 = (uint64_t)PHILOX_MULTIPLY_1 * c2;
        c0 = (uint32_t)(product1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)product1;
        c2 = (uint32_t)(product0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)product0;
        k0 += PHILOX_WEYL_0;
        k1 += PHILOX_WEYL_1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
}

void base_rng_init(struct base_rng *rng, uint64_t seed, enum base_rng_purpose purpose, uint32_t stream)
{
    *rng = (struct base_rng){.seed = seed, .purpose = (uint32_t)purpose, .stream = stream};
}

uint32_t base_rng_u32(struct base_rng *rng)
{
    if (rng->left == 0) {
        const uint32_t counter[4] = {(uint32_t)rng->counter, (uint32_t)(rng->counter >> 32), rng->stream, rng->purpose};
        const uint32_t key[2] = {(uint32_t)rng->seed, (uint32_t)(rng->seed >> 32)};
        base_philox(counter, key, rng->word);
        rng->counter++;
        rng->left = 4;
    }
    return rng->word[4 - rng->left--];
}

uint32_t base_rng_below(struct base_rng *rng, uint32_t bound)
{
    // The high word of word * bound is uniform once the 2^32 mod bound lowest products are thrown away.
    const uint32_t reject = (0u - bound) % bound;
    uint64_t product;
    do {
        product = (uint64_t)base_rng_u32(rng) * bound;
    } while ((uint32_t)product < reject);
    return (uint32_t)(product >> 32);
}

float base_rng_float(struct base_rng *rng)
{
    return (float)(base_rng_u32(rng) >> 8) * 0x1p-24f;
}

float base_rng_normal(struct base_rng *rng)
{
    const double two_pi = 6.283185307179586;
    // 1 - u lies in (0, 1], so the logarithm is finite. The sine's half is not kept: one value takes two words, always.
    const double radius = sqrt(-2.0 * log(1.0 - (double)base_rng_float(rng)));
    return (float)(radius * cos(two_pi * (double)base_rng_float(rng)));
}
