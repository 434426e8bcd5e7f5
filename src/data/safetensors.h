// SPDX-License-Identifier: MIT
// The safetensors file format: 8 bytes little-endian header length, a JSON header, then the tensors' bytes.
// Reading trusts nothing: header length, offsets, overlaps, shapes and dtypes are checked against the file before any allocation.
#ifndef DATA_SAFETENSORS_H
#define DATA_SAFETENSORS_H

#include "base/status.h"

#define SAFETENSORS_MAX_RANK 8
enum safetensors_dtype {
    SAFETENSORS_F32,
    SAFETENSORS_I64,
    SAFETENSORS_F64,
    SAFETENSORS_U32,
    SAFETENSORS_U64,
    SAFETENSORS_F16,
    SAFETENSORS_BF16,
    SAFETENSORS_I32,
    SAFETENSORS_U8,
    SAFETENSORS_OTHER
};

struct safetensors_entry {
    char *name;
    enum safetensors_dtype dtype;
    uint32_t rank;
    uint64_t shape[SAFETENSORS_MAX_RANK];
    uint64_t offset, size; // bytes from the start of the data part
};
struct safetensors {
    struct nephos_log *log;
    char *path;
    struct safetensors_entry *entries; // in file order of their data
    uint32_t entry_count;
    char **metadata; // key, value, key, value ...; 2 * metadata_count strings
    uint32_t metadata_count;
    const uint8_t *data; // mapped or read; entries' offsets point into it
};
enum nephos_status safetensors_open(struct nephos_log *log, const char *path, struct safetensors **file);
void safetensors_close(struct safetensors **file);
const struct safetensors_entry *safetensors_find(const struct safetensors *file, const char *name); // NULL: not there
const char *safetensors_metadata(const struct safetensors *file, const char *key);                  // NULL: not there
// Copies one tensor as float32 (F16, BF16, F64 are converted); `count` elements must match.
enum nephos_status safetensors_read_f32(const struct safetensors *file, const struct safetensors_entry *entry, float *to, uint64_t count);

// Writing: entries name, dtype, shape, and a pointer to their bytes (row-major, little-endian); atomic (base_file).
struct safetensors_tensor {
    const char *name;
    enum safetensors_dtype dtype;
    uint32_t rank;
    uint64_t shape[SAFETENSORS_MAX_RANK];
    const void *data;
};
enum nephos_status safetensors_write(struct nephos_log *log, const char *path, const struct safetensors_tensor *tensors,
                                     uint32_t tensor_count, const char *const *metadata, uint32_t metadata_count);

#endif
