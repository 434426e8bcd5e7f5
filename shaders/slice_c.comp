// SPDX-License-Identifier: MIT
// also: SOFTWARE HALF
#version 450
#extension GL_GOOGLE_include_directive : require
#include "slice_c.h"

// y[pixel][y_first + c] = x[pixel][x_first + c] for c below width. One invocation per element copied, with HALF per two; with
// SOFTWARE a workgroup per some pixels, whose channels are a multiple of LANES.
#ifdef SOFTWARE
#include "lib/columns.glsl"
layout(constant_id = 1) const bool ACCUMULATE = false;
COLUMNS_1(slice_c_push, x, y)

void make_columns()
{
    uint pixel = gl_WorkGroupID.y * push.chunk;
    const uint end = min(pixel + push.chunk, push.count / push.width);
    do {
        EACH_BLOCK(k) {
            const uint c = first_column() + k * VECTOR, to = pixel * push.y_channels + push.y_first + c;
            const uint from = pixel * push.x_channels + push.x_first + c;
            if (PAIRS) copy_pairs(x_at + 4 * uint64_t(from), y_at + 4 * uint64_t(to), ACCUMULATE);
            else y[to + lane] = ACCUMULATE ? READ_BACK(y, to) + READ(x, from) : READ(x, from);
        }
    } while (++pixel < end);
}

void main()
{
    for_columns(push.width);
}
#else
#include "lib/elements.glsl"
layout(constant_id = 0) const bool ACCUMULATE = false;
layout(push_constant) uniform push_block { slice_c_push push; };
ELEMENTS(0, x)
RESULTS(1, y)

void main()
{
    const uint i = flat_index();
    if (i >= push.count) return;
    const uint pixel = i / push.width, c = i % push.width;
    EACH_ELEMENT(k) {
        const float value = READ(x, pixel * push.x_channels + push.x_first + c + k);
        const uint to = pixel * push.y_channels + push.y_first + c + k;
        WRITE(y, to, ACCUMULATE ? READ_BACK(y, to) + value : value);
    }
}
#endif
