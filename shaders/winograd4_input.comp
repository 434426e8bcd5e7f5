// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "lib/batch_norm.glsl"
#include "winograd.h"

// B^T d B of the tiles of a convolution's input, for winograd4_output and winograd4_dw. Lanes are pairs of channels, LANES apart; a
// workgroup does one tile. Stores are the most expensive part: one to a buffer costs as much as 50 multiply-adds.
layout(constant_id = 1) const uint IN = 64;      // channels of x and skip
layout(constant_id = 2) const uint SKIP = 0;     // of skip
layout(constant_id = 3) const int SHIFT = 0;     // 1: x is enlarged by 2
layout(constant_id = 4) const uint RUN = 8;      // channels side by side in scratch memory
layout(constant_id = 5) const int SIDE = 6;      // 4: G d G^T of dy instead, for the gradient of the weights
layout(constant_id = 6) const uint PROLOGUE = 0; // of x: 1: batch norm, 2: and ReLU
layout(push_constant) uniform push_block
{
    scalars x;
    scalars skip;
    scalars weights;
    pairs scratch;
    scalars saved; // [4][channels of x]: mean, inverse deviation, factor, bias
    winograd_push p;
} push;

const uint TILES = WINOGRAD_TILES, HALF = RUN / 2, POINTS = WINOGRAD_POINTS;

winograd_push p = push.p;
uint64_t weights = uint64_t(push.weights);

#include "lib/winograd_tile.glsl"

void transform_1d(float a, float b, float c, float d, float e, float f, out float r[6])
{
    if (SIDE == 4) gradient_1d(a, b, c, d, r);
    else input_1d(a, b, c, d, e, f, r);
}

struct norm { // of two vectors of channels
    float mean[2], factor[2], bias[2];
};

norm norm_of(uint64_t saved, uint channels, uint c)
{
    norm by;
    [[unroll]] for (uint n = 0; n < 2; n++) {
        const uint64_t at = saved + 4 * (c + n * LANES);
        by.mean[n] = pick(at);
        by.factor[n] = pick(at + 8 * channels);
        by.bias[n] = pick(at + 12 * channels);
    }
    return by;
}

// Outside the image x is zero, not the norm of zero.
float normalise(float x, norm by, uint n, int inside)
{
    const float value = batch_norm_value(x, by.mean[n], by.factor[n], by.bias[n]);
    return intBitsToFloat(floatBitsToInt(PROLOGUE == 2 ? mix(value, 0.0, value < 0.0) : value) & inside);
}

// Transforms `channels` channels of a tensor for one tile; `to` is where in scratch its first channel of the first point is.
void transform(uint64_t from, uint channels, int shift, bool normalises, place t, uint64_t to)
{
    const int height = int(p.xh), width = int(p.xw), low_w = width >> shift, pixel = int(4 * channels);
    const int64_t zeros = int64_t(weights - from) + 4 * p.zeros;
    int line[SIDE], gone[SIDE];
    [[unroll]] for (int i = 0; i < SIDE; i++) {
        const int h = t.h + i - int(p.ph);
        gone[i] = h | (height - 1 - h);
        line[i] = (t.n * (height >> shift) + (h >> shift)) * low_w;
    }
    const uint place = lane / HALF * (p.run_step / 2) + lane % HALF;
    uint c = 0;
    do {
        norm by;
        if (normalises) by = norm_of(uint64_t(push.saved), channels, c);
        float half_way[2 * POINTS]; // only constants are indices: a store at another is one for each lane
        [[unroll]] for (int j = 0; j < SIDE; j++) {
            const int w = t.w + j - int(p.pw);
            float d[12], r[6];
            [[unroll]] for (int i = 0; i < SIDE; i++) {
                const int64_t outside = minus(gone[i] | w | (width - 1 - w)), inner = int64_t((line[i] + (w >> shift)) * pixel);
                const uint64_t at = from + uint64_t((inner & ~outside) | (zeros & outside)) + 4 * c;
                [[unroll]] for (uint n = 0; n < 2; n++) {
                    const float value = pick(at + 4 * LANES * n);
                    d[n * 6 + i] = normalises ? normalise(value, by, n, int(~outside)) : value;
                }
            }
            [[unroll]] for (int n = 0; n < 2; n++) {
                transform_1d(d[n * 6], d[n * 6 + 1], d[n * 6 + 2], d[n * 6 + 3], d[n * 6 + 4], d[n * 6 + 5], r);
                [[unroll]] for (int i = 0; i < 6; i++) half_way[(i * 6 + j) * 2 + n] = r[i];
            }
        }
        [[unroll]] for (int i = 0; i < 6; i++) {
            float r[12], s[6];
            [[unroll]] for (int n = 0; n < 2; n++) {
                transform_1d(half_way[i * 12 + n], half_way[i * 12 + 2 + n], half_way[i * 12 + 4 + n], half_way[i * 12 + 6 + n],
                             half_way[i * 12 + 8 + n], half_way[i * 12 + 10 + n], s);
                [[unroll]] for (int k = 0; k < 6; k++) r[n * 6 + k] = s[k];
            }
            [[unroll]] for (int k = 0; k < 6; k++)
                pairs(to + 4 * ((i * 6 + k) * p.point_step + c / RUN * p.run_step)).v[place] = pair(r[k], r[6 + k]);
        }
        c += 2 * LANES;
    } while (c < channels);
}

void main()
{
    const uint slot = min(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, p.slots - 1);
    place t = locate(p.first + slot);
    t.h |= minus(int(p.tiles - 1 - p.first - slot)) & 0x3fffffff; // no pixel of it exists
    const uint64_t to = uint64_t(push.scratch) + 4 * (uint64_t(slot / TILES) * p.block_step + slot % TILES * RUN);
    transform(uint64_t(push.x), IN - SKIP, SHIFT, PROLOGUE != 0, t, to);
    if (SKIP > 0) transform(uint64_t(push.skip), SKIP, 0, false, t, to + 4 * ((IN - SKIP) / RUN * p.run_step));
}
