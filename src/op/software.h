// SPDX-License-Identifier: MIT
// The variant of an operator whose kernels were compiled a second time, with SOFTWARE.
#ifndef OP_SOFTWARE_H
#define OP_SOFTWARE_H

#include "op/columns.h"

#define OP_SOFTWARE(offering, recording)                                                                                  \
    (const struct op_variant *const[])                                                                                    \
    {                                                                                                                     \
        (const struct op_variant[]){                                                                                      \
            {.name = "software", .family = OP_FAMILY_SOFTWARE, .offer = offering, .record = recording}, {.name = NULL}}, \
            NULL                                                                                                          \
    }

// Elements as rows of as many as a subgroup has lanes: what elementwise kernels are with SOFTWARE.
struct op_lane_rows {
    uint32_t lanes, rows, chunk_rows, chunks;
};
bool op_lane_rows_offered(const struct gpu_limits *limits, uint64_t count);
// A dispatch of them, whose push struct tells the kernel the rows of a workgroup; ranges are still to be filled in.
struct op_columns op_lane_columns(const struct op_lane_rows *rows, const struct gpu_shader *shader, const void *push, uint32_t push_size);
struct op_lane_rows op_lane_rows(const struct gpu_limits *limits, uint64_t count);

#endif
