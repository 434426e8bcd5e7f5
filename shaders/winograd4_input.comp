// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "winograd.h"

// B^T d B of the tiles of a convolution's input, for winograd4_output and winograd4_dw. Lanes are pairs of channels, LANES apart; a
// workgroup does one tile. Stores are the most expensive part: one to a buffer costs as much as 50 multiply-adds.
layout(constant_id = 1) const uint IN = 64;      // channels of x and skip
layout(constant_id = 2) const uint SKIP = 0;     // of skip
layout(constant_id = 3) const int SHIFT = 0;     // 1: x is enlarged by 2
layout(constant_id = 4) const uint RUN = 8;      // channels side by side in scratch memory
layout(constant_id = 5) const int SIDE = 6;      // 4: G d G^T of dy instead, for the gradient of the weights
layout(push_constant) uniform push_block
{
    scalars x;
    scalars skip;
    scalars weights;
    pairs scratch;
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

// Transforms `channels` channels of a tensor for one tile; `to` is where in scratch its first channel of the first point is.
void transform(uint64_t from, uint channels, int shift, place t, uint64_t to)
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
        float half_way[2 * POINTS]; // only constants are indices: a store at another is one for each lane
        [[unroll]] for (int j = 0; j < SIDE; j++) {
            const int w = t.w + j - int(p.pw);
            float d[12], r[6];
            [[unroll]] for (int i = 0; i < SIDE; i++) {
                const int64_t outside = minus(gone[i] | w | (width - 1 - w)), inner = int64_t((line[i] + (w >> shift)) * pixel);
                const uint64_t at = from + uint64_t((inner & ~outside) | (zeros & outside)) + 4 * c;
                d[i] = pick(at);
                d[6 + i] = pick(at + 4 * LANES);
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
    transform(uint64_t(push.x), IN - SKIP, SHIFT, t, to);
    if (SKIP > 0) transform(uint64_t(push.skip), SKIP, 0, t, to + 4 * ((IN - SKIP) / RUN * p.run_step));
}
