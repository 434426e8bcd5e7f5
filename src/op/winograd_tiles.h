// SPDX-License-Identifier: MIT
// The tiles of Winograd's algorithm and their transforms (shaders/winograd4_input.comp).
#ifndef OP_WINOGRAD_TILES_H
#define OP_WINOGRAD_TILES_H

#include "op/op.h"
#include "winograd.h"

// Whether the algorithm applies, to weights of this shape: a 3x3 kernel, stride 1; and the kernels run here.
bool winograd_applies(const struct op_infer *info, struct op_shape w);
// The largest operands: their byte offsets are signed numbers.
uint64_t winograd_most_bytes(const struct gpu_limits *limits);
// Scratch memory for transformed tiles: what stays in a cache.
uint64_t winograd_scratch_bytes(const struct gpu_limits *limits);

// What is transformed: a convolution's input, gathered from x and skip, or the gradient of its output.
struct winograd_side {
    struct op_shape shape;    // gathered
    struct gpu_range x, skip; // skip: or none
    uint32_t skip_c, shift;   // shift 1: x is enlarged by 2
    struct gpu_range zeros;   // `push.zeros` in it: as many zeros as there are channels
    uint32_t run;             // channels side by side in scratch memory
    uint32_t prologue;        // attr.prologue, of x
    struct gpu_range saved;   // and its statistics
    bool gradient;            // 4x4 pixels with G instead of 6x6 with B^T
};

// Sizes and tiles of a convolution that reads x and writes y; `first`, `slots`, `zeros` and the steps are left to the caller.
struct winograd_push winograd_push_of(struct op_shape x, struct op_shape y, const uint32_t pad[2]);
// Tiles in scratch memory of `size` bytes (or a block of tiles more), a multiple of WINOGRAD_TILES, so that all passes are about as long.
uint32_t winograd_tiles_at_once(const struct winograd_push *p, uint32_t channels, uint64_t size);
// Transforms `p->slots` tiles from `p->first` on.
void winograd_record_input(struct gpu_stream *stream, const struct op_call *call, const struct winograd_side *side,
                           const struct winograd_push *p, struct gpu_range scratch);

#endif
