// SPDX-License-Identifier: MIT
// Where a pixel of the flipped image lies in the packed one. For kernels whose push struct has `height` and `width`.
layout(std430, binding = 0) readonly buffer pixels_block { uint pixels[]; }; // [image][y][x]: R | G << 8 | B << 16 | labels << 24
layout(std430, binding = 1) readonly buffer flags_block { uint flags[]; };   // [image]: bit 0 flips x, bit 1 flips y

uint packed_pixel(uint image, uint y, uint x)
{
    const uint from_x = (flags[image] & 1u) != 0 ? push.width - 1 - x : x;
    const uint from_y = (flags[image] & 2u) != 0 ? push.height - 1 - y : y;
    return pixels[(image * push.height + from_y) * push.width + from_x];
}
