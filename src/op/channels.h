// SPDX-License-Identifier: MIT
#ifndef OP_CHANNELS_H
#define OP_CHANNELS_H

#include "op/op.h"

// Records the copy of `width` channels from channel x_first of x to channel y_first of y.
void op_record_slice_c(struct gpu_stream *stream, const struct op_call *call, const struct op_tensor *x, uint32_t x_first,
                       const struct op_tensor *y, uint32_t y_first, uint32_t width);

#endif
