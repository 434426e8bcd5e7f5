// SPDX-License-Identifier: MIT
// Names and sizes of the element types, for reader and writer.
#ifndef DATA_SAFETENSORS_DTYPE_H
#define DATA_SAFETENSORS_DTYPE_H

#include "data/safetensors.h"

struct safetensors_type {
    const char *name;
    enum safetensors_dtype dtype;
    uint32_t size; // bytes of one element
};

// NULL: unknown.
const struct safetensors_type *safetensors_type_named(const char *name);
const struct safetensors_type *safetensors_type_of(enum safetensors_dtype dtype); // NULL for SAFETENSORS_OTHER

// Bytes of a tensor; false when that passes 64 bits.
bool safetensors_size(const struct safetensors_type *type, const uint64_t *shape, uint32_t rank, uint64_t *size);

#endif
