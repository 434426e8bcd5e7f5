// SPDX-License-Identifier: MIT
#version 450
#extension GL_GOOGLE_include_directive : require
#include "lib/index.glsl"
#include "lib/rng.glsl"
#include "augment.h"
#include "unpack_image.h"

// A changed image and its target, normalised and padded as unpack_image does: one invocation per padded pixel asks where it comes from,
// takes colours from there bilinearly and labels from the nearest pixel. Beyond its border an image goes on mirrored.
layout(constant_id = 0) const uint CHANGES = AUGMENT_ALL; // that records may ask for: kernels for CPUs compute what is behind a condition anyway
layout(push_constant) uniform push_block { augment_push push; };
layout(std430, binding = 0) readonly buffer pixels_block { uint pixels[]; }; // [image][y][x]: R | G << 8 | B << 16 | labels << 24
layout(std430, binding = 1) readonly buffer records_block { augment_record records[]; };
layout(std430, binding = 2) writeonly buffer image_block { float image[]; };   // [image][padded y][padded x][3]
layout(std430, binding = 3) writeonly buffer target_block { float target[]; }; // [image][y][x][classes], or [image][y][x]

bool asks(uint n, uint change)
{
    return (CHANGES & change) != 0 && (records[n].flags & change) != 0;
}

// --- where a pixel comes from -----------------------------------------------------------------------------------------

// Weights of a cubic B-spline's four control points, at t from 0 to 1 between the inner two.
vec4 spline(float t)
{
    const float s = 1.0 - t;
    return vec4(s * s * s, 3.0 * t * t * (t - 2.0) + 4.0, 3.0 * s * s * (s - 2.0) + 4.0, t * t * t) * (1.0 / 6.0);
}

vec2 elastic(uint n, vec2 at)
{
    const uint cells = records[n].elastic_cells, stride = cells + 3;
    const vec2 u = clamp((at + 0.5) / vec2(push.width, push.height), 0.0, 1.0) * float(cells);
    const uvec2 cell = min(uvec2(u), uvec2(cells - 1));
    const vec4 along_x = spline(u.x - float(cell.x)), along_y = spline(u.y - float(cell.y));
    vec2 moved = vec2(0.0);
    for (uint j = 0; j < 4; j++) {
        vec2 row = vec2(0.0);
        for (uint i = 0; i < 4; i++) {
            const uint point = (cell.y + j) * stride + cell.x + i;
            row += along_x[i] * vec2(records[n].elastic_x[point], records[n].elastic_y[point]);
        }
        moved += along_y[j] * row;
    }
    return at + moved;
}

// Cells of equal size come from cells of different sizes; outside, the outermost ones go on.
vec2 grid(uint n, vec2 at)
{
    const uint cells = records[n].grid_cells;
    const vec2 u = (at + 0.5) * float(cells) / vec2(push.width, push.height);
    const uvec2 cell = uvec2(clamp(floor(u), 0.0, float(cells - 1)));
    const vec2 from = vec2(records[n].grid_x[cell.x], records[n].grid_y[cell.y]);
    const vec2 to = vec2(records[n].grid_x[cell.x + 1], records[n].grid_y[cell.y + 1]);
    return from + (to - from) * (u - vec2(cell)) - 0.5;
}

vec2 source(uint n, uvec2 pixel)
{
    vec2 at = vec2(pixel);
    if (asks(n, AUGMENT_ELASTIC)) at = elastic(n, at);
    if (asks(n, AUGMENT_GRID)) at = grid(n, at);
    return vec2(records[n].affine[0] * at.x + records[n].affine[1] * at.y + records[n].affine[2],
                records[n].affine[3] * at.x + records[n].affine[4] * at.y + records[n].affine[5]);
}

// --- what is there ----------------------------------------------------------------------------------------------------

// Mirrored about the middle of the first and the last pixel, which are not repeated.
uint mirrored(int i, uint size)
{
    if (i >= 0 && i < int(size)) return i;
    if (size == 1) return 0;
    const int period = 2 * int(size) - 2, k = abs(i) % period;
    return k < int(size) ? k : period - k;
}

uint word_at(uint n, uint x, uint y)
{
    return pixels[(n * push.height + y) * push.width + x];
}

vec3 bytes_at(uint n, uint x, uint y)
{
    const uint word = word_at(n, x, y);
    return vec3(word & 255u, (word >> 8) & 255u, (word >> 16) & 255u);
}

vec3 bilinear(uint n, vec2 at)
{
    const vec2 corner = floor(at), t = at - corner;
    const ivec2 i = ivec2(corner);
    const uint x0 = mirrored(i.x, push.width), x1 = mirrored(i.x + 1, push.width);
    const uint y0 = mirrored(i.y, push.height), y1 = mirrored(i.y + 1, push.height);
    return mix(mix(bytes_at(n, x0, y0), bytes_at(n, x1, y0), t.x), mix(bytes_at(n, x0, y1), bytes_at(n, x1, y1), t.x), t.y);
}

// Binomial weights 1 4 6 4 1, whose standard deviation is one tap, times those of the other direction.
vec3 blurred(uint n, vec2 at)
{
    const float weight[5] = float[5](0.0625, 0.25, 0.375, 0.25, 0.0625);
    const float step = records[n].blur;
    vec3 sum = vec3(0.0);
    for (uint j = 0; j < 5; j++) {
        for (uint i = 0; i < 5; i++) sum += weight[j] * weight[i] * bilinear(n, at + step * (vec2(i, j) - 2.0));
    }
    return sum;
}

uint labels_at(uint n, vec2 at)
{
    const ivec2 i = ivec2(floor(at + 0.5));
    return word_at(n, mirrored(i.x, push.width), mirrored(i.y, push.height)) >> 24;
}

// --- colours ----------------------------------------------------------------------------------------------------------

float row_of(uint n, uint row, vec3 c)
{
    return records[n].colour[3 * row] * c.x + records[n].colour[3 * row + 1] * c.y + records[n].colour[3 * row + 2] * c.z +
           records[n].colour[9 + row];
}

uint byte_sum(uint word)
{
    return (word & 255u) + ((word >> 8) & 255u) + ((word >> 16) & 255u) + (word >> 24);
}

// The sum of four uniform bytes is nearly normal, and the same on every device; its variance is 4 (256^2 - 1) / 12.
vec3 noise(uint n, uvec2 pixel)
{
    const uvec2 key = uvec2(records[n].noise_key[0], records[n].noise_key[1]);
    const uvec4 words = philox(uvec4(pixel.y * push.width + pixel.x, 0, 0, RNG_NOISE), key);
    const vec3 sums = vec3(byte_sum(words.x), byte_sum(words.y), byte_sum(words.z));
    return (sums - 510.0) * (records[n].noise * (1.0 / 147.80054));
}

vec3 recoloured(uint n, uvec2 pixel, vec3 c)
{
    if (asks(n, AUGMENT_COLOUR)) c = clamp(vec3(row_of(n, 0, c), row_of(n, 1, c), row_of(n, 2, c)), 0.0, 255.0);
    if (asks(n, AUGMENT_GAMMA)) c = 255.0 * pow(c * (1.0 / 255.0), vec3(records[n].gamma));
    if (asks(n, AUGMENT_NOISE)) c = clamp(c + noise(n, pixel), 0.0, 255.0);
    return c;
}

bool in_hole(uint n, uvec2 pixel)
{
    for (uint k = 0; k < records[n].hole_count; k++) {
        const uvec2 low = uvec2(records[n].holes[4 * k], records[n].holes[4 * k + 1]);
        const uvec2 high = uvec2(records[n].holes[4 * k + 2], records[n].holes[4 * k + 3]);
        if (all(greaterThanEqual(pixel, low)) && all(lessThan(pixel, high))) return true;
    }
    return false;
}

// --- the pixel made ---------------------------------------------------------------------------------------------------

// Of image n without a partner: normalised colours, 0 in holes, and the labels.
vec3 sample_of(uint n, uvec2 pixel, out uint labels)
{
    const vec2 at = source(n, pixel);
    labels = labels_at(n, at);
    if (asks(n, AUGMENT_HOLES) && in_hole(n, pixel)) return vec3(0.0);
    const vec3 c = recoloured(n, pixel, asks(n, AUGMENT_BLUR) ? blurred(n, at) : bilinear(n, at));
    return vec3(c.x * push.scale[0] + push.offset[0], c.y * push.scale[1] + push.offset[1], c.z * push.scale[2] + push.offset[2]);
}

bool in_cutmix(uint n, uvec2 pixel)
{
    return asks(n, AUGMENT_CUTMIX) && all(greaterThanEqual(pixel, uvec2(records[n].cutmix[0], records[n].cutmix[1]))) &&
           all(lessThan(pixel, uvec2(records[n].cutmix[2], records[n].cutmix[3])));
}

// Of the image itself; the rest is its partner's.
float share_of(uint n, uvec2 pixel)
{
    if (in_cutmix(n, pixel)) return 0.0;
    return asks(n, AUGMENT_MIXUP) ? records[n].share : 1.0;
}

float target_of(uint labels, uint c)
{
    const bool present = push.mode == UNPACK_BITS ? ((labels >> c) & 1u) != 0 : labels == c;
    return present ? 1.0 : 0.0;
}

// Of an index there is no mixture: the larger share has it.
void write_target(uint i, uvec2 labels, float share)
{
    if (push.mode == UNPACK_INDEX) {
        target[i] = float(share >= 0.5 ? labels.x : labels.y);
        return;
    }
    for (uint c = 0; c < push.classes; c++)
        target[i * push.classes + c] = share * target_of(labels.x, c) + (1.0 - share) * target_of(labels.y, c);
}

// The image is the group's, not the invocation's: kernels for CPUs read its record once for all invocations, and skip what it does not
// ask for.
void main()
{
    const uint i = flat_index(), n = gl_WorkGroupID.z;
    if (i >= push.count) return;
    const uvec2 padded = uvec2(i % push.padded_width, i / push.padded_width), size = uvec2(push.width, push.height);
    const uvec2 pixel = min(padded, size - 1);
    uvec2 labels = uvec2(0);
    vec3 colour = sample_of(n, pixel, labels.x);
    float share = 1.0;
    if (asks(n, AUGMENT_CUTMIX | AUGMENT_MIXUP)) {
        share = share_of(n, pixel);
        colour = share * colour + (1.0 - share) * sample_of(records[n].partner, pixel, labels.y);
    }
    for (uint c = 0; c < 3; c++) image[3 * (n * push.count + i) + c] = colour[c];
    if (all(lessThan(padded, size))) write_target((n * push.height + pixel.y) * push.width + pixel.x, labels, share);
}
