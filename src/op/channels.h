// SPDX-License-Identifier: MIT
#ifndef OP_CHANNELS_H
#define OP_CHANNELS_H

#include "op/op.h"

// Copying `width` channels from channel x_first of x to channel y_first of y.
struct op_channels {
    const struct op_tensor *x, *y;
    uint32_t x_first, y_first, width;
};
void op_record_slice_c(struct gpu_stream *stream, const struct op_call *call, struct op_channels channels);
// The same with a kernel for software devices, and whether there is one for `width` channels of a tensor of this shape.
void op_record_slice_c_software(struct gpu_stream *stream, const struct op_call *call, struct op_channels channels);
bool op_offer_slice_c(const struct gpu_limits *limits, struct op_shape shape, uint32_t width);

#endif
