// SPDX-License-Identifier: MIT
// Philox4x32-10, word for word the generator of src/base/rng.c; see there and base/rng.h for the meaning of counter and key.
const uint RNG_DROPOUT = 5; // purpose: the last word of the counter
const uint RNG_NOISE = 9;

uvec4 philox(uvec4 counter, uvec2 key)
{
    for (int i = 0; i < 10; i++) {
        uint high0, low0, high1, low1;
        umulExtended(0xD2511F53u, counter.x, high0, low0);
        umulExtended(0xCD9E8D57u, counter.z, high1, low1);
        counter = uvec4(high1 ^ counter.y ^ key.x, low1, high0 ^ counter.w ^ key.y, low0);
        key += uvec2(0x9E3779B9u, 0xBB67AE85u);
    }
    return counter;
}
