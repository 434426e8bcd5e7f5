// SPDX-License-Identifier: MIT
// Expands an operator's gradient rule into nodes of a tape.
#ifndef CHECK_GRADIENT_H
#define CHECK_GRADIENT_H

#include "check/tape.h"

// `forward` is the tape's node to differentiate, dout the gradient of its output 0, want the inputs (bits) that need one.
// grad[i] on entry: a tensor to which the gradient of input i is to be added, or OP_NONE; on return: the tensor that holds it.
enum nephos_status check_expand_gradient(struct tape *tape, const struct tape_node *forward, op_id dout, uint32_t want, op_id *grad);

#endif
