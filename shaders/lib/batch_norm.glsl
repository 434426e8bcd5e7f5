// SPDX-License-Identifier: MIT
// What the column reductions of batch_norm share: a workgroup of LANES columns by GROUP / LANES rows.
#include "batch_norm.h"

layout(local_size_x = BATCH_NORM_GROUP) in;
layout(constant_id = 0) const uint LANES = 32; // a power of two
const uint ROWS = BATCH_NORM_GROUP / LANES;
layout(push_constant) uniform push_block { batch_norm_push push; };

uint lane() { return gl_LocalInvocationIndex % LANES; }
uint row() { return gl_LocalInvocationIndex / LANES; }
uint column() { return gl_WorkGroupID.x * LANES + lane(); }
