// SPDX-License-Identifier: MIT
// What operators share that turn packed pixels into the network's input and its target (unpack_image, augment).
#ifndef OP_UNPACK_H
#define OP_UNPACK_H

#include "op/op.h"

// For infer: operands are packed pixels {N,H,W,1} and {N,1,1,words}, called `second` in messages; attributes and results as
// unpack_image.c tells.
enum nephos_status unpack_infer(struct op_infer *info, const char *second, uint32_t words);
// colour * scale + offset normalises a colour from 0 to 255 by the attributes' mean and std.
void unpack_normalisation(const struct op_attr *attr, float scale[3], float offset[3]);

#endif
