// SPDX-License-Identifier: MIT
// Push constants of the convolutions for devices whose subgroup is one SIMD register; shared by C and GLSL.
#ifndef SOFTWARE_CONV2D_H
#define SOFTWARE_CONV2D_H
#include "lib/shared.h"

// One axis of a grid of pixels q: the taps i of q read pixel q * step + base + i * slope of x and are number first + i * stride of the
// kernel; q is pixel q * out_step + out_first of y.
struct software_axis {
    uint grid; // pixels q
    uint size; // of x
    uint step, base, slope; // base wraps: it may be negative
    uint taps, first, stride;
    uint out_size, out_step, out_first;
};

#ifdef __STDC_VERSION__
typedef struct software_axis software_axis;
typedef struct software_dw_axis software_dw_axis;
#endif

struct software_conv2d_push {
    uint pixels;   // of all images
    uint kernel, kernel_w; // taps of the kernel, and of a row of it
    uint zeros;    // that the packed weights begin with
    software_axis h, w;
};

struct software_pack_push {
    uint outs, taps, ins; // of the convolution that will read the weights
    uint zeros; // that they begin with
    uint groups;
};

struct software_dw_axis {
    uint size, grid; // of x and y
    uint stride, pad, dilation;
};

struct software_dw_push {
    uint images;
    uint ins, outs;      // channels of x and y
    uint taps, kernel_w; // of the kernel, and of a row of it
    uint v_blocks, s_blocks, slices;
    software_dw_axis h, w;
};
#endif
