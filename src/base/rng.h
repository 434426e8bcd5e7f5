// SPDX-License-Identifier: MIT
// Counter-based random numbers: a value depends on its key and counter alone, never on who asks first. The generator is
// Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011); shaders/lib/rng.glsl is the same.
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

// Purposes keep streams of the same seed apart.
enum base_rng_purpose {
    BASE_RNG_INIT = 1,
    BASE_RNG_SHUFFLE,
    BASE_RNG_SPLIT,
    BASE_RNG_AUGMENT,
    BASE_RNG_DROPOUT,
    BASE_RNG_SYNTH,
    BASE_RNG_TEST,
    BASE_RNG_RECORD, // what augment_record holds
    BASE_RNG_NOISE
};

struct base_rng {
    uint64_t seed;
    uint32_t purpose, stream; // stream: e.g. the index of a tensor or sample
    uint64_t counter;         // block of four words that comes next
    uint32_t word[4];
    unsigned left;            // words not yet handed out
};

// The four words of block (counter[4], key[2]).
void base_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

void base_rng_init(struct base_rng *rng, uint64_t seed, enum base_rng_purpose purpose, uint32_t stream);
uint32_t base_rng_u32(struct base_rng *rng);
// Uniform in 0 .. bound-1 without bias; bound > 0.
uint32_t base_rng_below(struct base_rng *rng, uint32_t bound);
// Uniform in [0, 1) with 24 bits.
float base_rng_float(struct base_rng *rng);
// Standard normal (Box-Muller).
float base_rng_normal(struct base_rng *rng);

#endif
