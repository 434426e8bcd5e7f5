// SPDX-License-Identifier: MIT
#version 460
#extension GL_GOOGLE_include_directive : require
#include "lib/lanes.glsl"
#include "lib/winograd4.glsl"
#include "winograd.h"

// B^T d B of the tiles of a convolution's input, for winograd4_output. Lanes are channels; a workgroup does one tile. Stores are the most
// expensive part: one to a buffer costs as much as 50 multiply-adds.
layout(constant_id = 1) const uint IN = 64;      // channels of x and skip
layout(constant_id = 2) const uint SKIP = 0;     // of skip
layout(constant_id = 3) const int SHIFT = 0;     // 1: x is enlarged by 2
layout(buffer_reference, std430, buffer_reference_align = 4) writeonly buffer memory { float v[]; };
layout(push_constant) uniform push_block
{
    scalars x;
    scalars skip;
    scalars weights;
    memory scratch;
    winograd_push p;
} push;

const uint TILES = WINOGRAD_TILES, RUN = WINOGRAD_RUN, POINTS = WINOGRAD_POINTS;

winograd_push p = push.p;
uint64_t weights = uint64_t(push.weights);
float half_way[POINTS];

#include "lib/winograd_tile.glsl"

// Transforms `channels` channels of a tensor for one tile; `to` is where in scratch its first channel of the first point is.
void transform(uint64_t from, uint channels, int shift, place t, uint64_t to)
{
    const int height = int(p.xh), width = int(p.xw), low_w = width >> shift, pixel = int(4 * channels);
    const int64_t zeros = int64_t(weights - from) + 4 * p.zeros;
    int line[6], gone[6];
    [[unroll]] for (int i = 0; i < 6; i++) {
        const int h = t.h + i - int(p.ph);
        gone[i] = h | (height - 1 - h);
        line[i] = (t.n * (height >> shift) + (h >> shift)) * low_w;
    }
    uint c = 0;
    do {
        int j = 0;
        do {
            const int w = t.w + j - int(p.pw);
            float r[6], d[6];
            [[unroll]] for (int i = 0; i < 6; i++) {
                const int64_t outside = minus(gone[i] | w | (width - 1 - w)), inner = int64_t((line[i] + (w >> shift)) * pixel);
                d[i] = pick(from + uint64_t((inner & ~outside) | (zeros & outside)) + 4 * c);
            }
            input_1d(d[0], d[1], d[2], d[3], d[4], d[5], r);
            [[unroll]] for (int i = 0; i < 6; i++) half_way[i * 6 + j] = r[i];
        } while (++j < 6);
        int i = 0;
        do {
            float r[6];
            input_1d(half_way[i * 6], half_way[i * 6 + 1], half_way[i * 6 + 2], half_way[i * 6 + 3], half_way[i * 6 + 4],
                     half_way[i * 6 + 5], r);
            [[unroll]] for (int k = 0; k < 6; k++)
                memory(to + 4 * ((i * 6 + k) * (IN * TILES) + c * TILES)).v[lane / RUN * (TILES * RUN) + lane % RUN] = r[k];
        } while (++i < 6);
        c += LANES;
    } while (c < channels);
}

void main()
{
    const uint slot = min(gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x, p.slots - 1);
    const place t = locate(p.first + slot);
    const uint64_t to = uint64_t(push.scratch) + 4 * (uint64_t(slot / TILES) * (POINTS * TILES * IN) + slot % TILES * RUN);
    transform(uint64_t(push.x), IN - SKIP, SHIFT, t, to);
    if (SKIP > 0) transform(uint64_t(push.skip), SKIP, 0, t, to + 4 * (IN - SKIP) * TILES);
}
