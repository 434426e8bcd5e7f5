// SPDX-License-Identifier: MIT
// Kernels on a grid of channels by rows (shaders/lib/columns.glsl).
#ifndef OP_COLUMNS_H
#define OP_COLUMNS_H

#include "op/op.h"

// Channels side by side in a workgroup.
uint32_t op_columns_lanes(uint32_t channels);
// Rows that one workgroup walks over so that each invocation meets about `each` of them, and there are at most `most` workgroups.
uint32_t op_columns_chunk(uint32_t rows, uint32_t channels, uint32_t each, uint32_t most);
// The same for kernels with SOFTWARE.
uint32_t op_columns_chunk_software(uint32_t rows, uint32_t channels, uint32_t most);
#define OP_COLUMNS_MOST 65535 // workgroups along y or z, on every device

#define OP_COLUMNS_CONSTANTS 4
struct op_columns {
    const struct gpu_shader *shader;
    uint32_t variant; // constant 1; constant 0 is the number of lanes
    bool software;    // the shader was compiled with SOFTWARE; its result is the last range
    const struct gpu_range *ranges;
    uint32_t range_count;
    const void *push;
    uint32_t push_size;
    uint32_t channels, y, z; // workgroups are as many as the channels need, by y, by z
    bool in_place;    // its result is among the operands, by pointer alone
    bool pairs;       // the kernel knows PAIRS, and all its addresses are of pairs of channels
    const uint32_t *constants; // further ones of a kernel with SOFTWARE, from 3 on, at most OP_COLUMNS_CONSTANTS
    uint32_t constant_count;
    double flops;
    bool accumulates; // the last range is read, too
};
// A kernel and its SOFTWARE form, by choice.
#define OP_COLUMNS_SHADER(name, software) ((software) ? &shader_##name##_software : &shader_##name)
// Whether kernels with SOFTWARE can compute a tensor of this shape here.
bool op_columns_software(const struct gpu_limits *limits, struct op_shape shape);
void op_dispatch_columns(struct gpu_stream *stream, const struct op_call *call, const struct op_columns *columns);

#endif
