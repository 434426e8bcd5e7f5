// SPDX-License-Identifier: MIT
// The convolution as the kernels see it whose rows are pixels: forward (DX 0), or backward to the input (DX 1), where the pixels are
// sorted by phases (see conv2d_pixels.glsl).
#if DX
uint in_h = p.yh, in_w = p.yw, in_c = p.yc, out_h = p.xh, out_w = p.xw, out_c = p.xc, phases_h = p.sh, phases_w = p.sw;
#else
uint in_h = p.xh, in_w = p.xw, in_c = p.xc, out_h = p.yh, out_w = p.yw, out_c = p.yc, phases_h = 1, phases_w = 1;
#endif
uint near_c = in_c - p.skip_c; // channels of the first operand
uint in_gc = in_c / p.groups, out_gc = out_c / p.groups; // channels of a group
uint rows = (out_h + phases_h - 1) / phases_h, cols = (out_w + phases_w - 1) / phases_w; // of one phase
uint w_tap = p.xc / p.groups, w_row = p.kh * p.kw * w_tap; // elements of w from tap to tap, and from o to o

// The taps of a phase along one axis: x is the first, y the step.
uvec2 phase_taps(uint phase, uint kernel, uint stride, uint pad, uint dilation)
{
#if DX
    uint first = 0, step = 1;
    while (first < kernel && (phase + pad + (stride - 1) * first * dilation) % stride != 0) first++;
    while (step * dilation % stride != 0) step++;
    return uvec2(first, step);
#else
    return uvec2(0, 1);
#endif
}

// How far from row[] or col[] the tap reads.
int tap_offset(uint tap, uint phase, uint stride, uint pad, uint dilation)
{
#if DX
    return (int(phase + pad) - int(tap * dilation)) / int(stride);
#else
    return int(tap * dilation);
#endif
}
