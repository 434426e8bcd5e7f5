// SPDX-License-Identifier: MIT
// With SOFTWARE, for tensors as rows of LANES elements, whatever their shape: a workgroup visits chunk_rows of them (op_lane_rows).
#include "lib/columns.glsl"
#include "lib/rows.glsl"

void make_columns() {} // there are none

void visit_lane_rows(uint rows, uint chunk_rows)
{
    const uint begin = gl_WorkGroupID.y * chunk_rows;
    visit_rows(begin, min(begin + chunk_rows, rows), rows, LANES);
}
