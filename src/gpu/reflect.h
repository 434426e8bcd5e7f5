// SPDX-License-Identifier: MIT
// What a shader says about itself: its bindings and its workgroup size, read from the SPIR-V.
#ifndef GPU_REFLECT_H
#define GPU_REFLECT_H

#include "gpu/gpu.h"

struct gpu_binding {
    bool used;    // false: a gap in the numbering
    bool address; // a pointer at the start of the push block, not a descriptor
    bool uniform; // uniform buffer, else storage buffer
    bool read, write;
};

struct gpu_reflection {
    struct gpu_binding bindings[GPU_MAX_BINDINGS];
    uint32_t binding_count;  // highest number + 1
    uint32_t address_count;  // bindings 0 .. address_count-1 are pointers
    uint32_t group_size[3];  // with the specialization constants applied
    bool matrices;           // uses cooperative matrices
    bool typed;              // has the constant that tells types of ranges
};

// NEPHOS_ERROR with the shader's name when the code is not a well-formed compute shader of the kind we use.
enum nephos_status gpu_reflect(struct nephos_log *log, const struct gpu_shader *shader, const uint32_t *spec, uint32_t spec_count,
                               struct gpu_reflection *reflection);

#endif
