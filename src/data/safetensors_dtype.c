// SPDX-License-Identifier: MIT
// Element types of the format. Those below one byte per element (F4, F6) are not known here.
#include "data/safetensors_dtype.h"

#include <string.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "safetensors files are little-endian; this host is not, and no conversion is written"
#endif

static const struct safetensors_type types[] = {
    {"F32", SAFETENSORS_F32, 4},       {"I64", SAFETENSORS_I64, 8},       {"F64", SAFETENSORS_F64, 8},       {"U32", SAFETENSORS_U32, 4},
    {"U64", SAFETENSORS_U64, 8},       {"F16", SAFETENSORS_F16, 2},       {"BF16", SAFETENSORS_BF16, 2},     {"I32", SAFETENSORS_I32, 4},
    {"U8", SAFETENSORS_U8, 1},         {"BOOL", SAFETENSORS_OTHER, 1},    {"I8", SAFETENSORS_OTHER, 1},      {"I16", SAFETENSORS_OTHER, 2},
    {"U16", SAFETENSORS_OTHER, 2},     {"F8_E5M2", SAFETENSORS_OTHER, 1}, {"F8_E4M3", SAFETENSORS_OTHER, 1},
    {"F8_E8M0", SAFETENSORS_OTHER, 1}, {"C64", SAFETENSORS_OTHER, 8},
};

const struct safetensors_type *safetensors_type_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        if (strcmp(types[i].name, name) == 0) return &types[i];
    return NULL;
}

const struct safetensors_type *safetensors_type_of(enum safetensors_dtype dtype)
{
    for (size_t i = 0; i < ARRAY_COUNT(types); i++)
        if (types[i].dtype == dtype && dtype != SAFETENSORS_OTHER) return &types[i];
    return NULL;
}

bool safetensors_size(const struct safetensors_type *type, const uint64_t *shape, uint32_t rank, uint64_t *size)
{
    *size = type->size;
    for (uint32_t i = 0; i < rank; i++)
        if (__builtin_mul_overflow(*size, shape[i], size)) return false;
    return true;
}
