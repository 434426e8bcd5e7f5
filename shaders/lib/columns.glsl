// SPDX-License-Identifier: MIT
// A workgroup as a grid of LANES channels by ROWS rows (pixels). Neighbours in memory are neighbours in the group, and an
// invocation keeps its channel while it walks over rows: no division per element, and what belongs to the channel is read once.
#include "column_group.h"

layout(local_size_x = COLUMNS_GROUP) in;
layout(constant_id = 0) const uint LANES = 64; // a power of two
const uint ROWS = COLUMNS_GROUP / LANES;

uint lane() { return gl_LocalInvocationIndex % LANES; }
uint row() { return gl_LocalInvocationIndex / LANES; }
uint column() { return gl_WorkGroupID.x * LANES + lane(); }
