// SPDX-License-Identifier: MIT
// Reading safetensors. The file is mapped, so a file larger than memory is no problem and only tensors that are asked for are read.
// (Our own writer replaces files by rename, so what is mapped does not change underneath.)
#include "data/safetensors_dtype.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_HEADER 100000000 // bytes; the format's own limit

// The public part first, so that a pointer to it is a pointer to this.
struct reader {
    struct safetensors file;
    uint8_t *map;
    uint64_t size;      // of the file
    uint64_t data_size; // behind the header
    json_t *header;     // while opening
};

#define BROKEN(reader, ...) base_fail((reader)->file.log, NEPHOS_ERROR_DATA, __VA_ARGS__)

static enum nephos_status no_memory(const struct reader *reader)
{
    return base_fail(reader->file.log, NEPHOS_ERROR_MEMORY, "%s: no memory for the header", reader->file.path);
}

static enum nephos_status map_file(struct reader *reader)
{
    struct nephos_log *log = reader->file.log;
    const char *path = reader->file.path;
    enum nephos_status status = NEPHOS_OK;
    struct stat info;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return base_fail(log, NEPHOS_ERROR_FILE, "%s: can't be opened: %s", path, strerror(errno));
    if (fstat(descriptor, &info) != 0) FAIL(log, NEPHOS_ERROR_FILE, "%s: can't be examined: %s", path, strerror(errno));
    if (!S_ISREG(info.st_mode)) FAIL(log, NEPHOS_ERROR_FILE, "%s: not a regular file", path);
    reader->size = (uint64_t)info.st_size;
    if (reader->size < 8)
        FAIL(log, NEPHOS_ERROR_DATA, "%s: %llu bytes are too short for a safetensors file", path, (unsigned long long)reader->size);
    void *map = mmap(NULL, reader->size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (map == MAP_FAILED) FAIL(log, NEPHOS_ERROR_FILE, "%s: can't be mapped: %s", path, strerror(errno));
    reader->map = map;
fail:
    close(descriptor);
    return status;
}

static enum nephos_status parse_header(struct reader *reader)
{
    const char *path = reader->file.path;
    uint64_t length;
    memcpy(&length, reader->map, sizeof length);
    if (length > MAX_HEADER || length > reader->size - 8)
        return BROKEN(reader, "%s: not a safetensors file or truncated: header of %llu bytes in a file of %llu (at most %d)", path,
                      (unsigned long long)length, (unsigned long long)reader->size, MAX_HEADER);
    reader->file.data = reader->map + 8 + length;
    reader->data_size = reader->size - 8 - length;
    if (length == 0 || reader->map[8] != '{') return BROKEN(reader, "%s: not a safetensors file: its header is no JSON object", path);
    json_error_t error;
    reader->header = json_loadb((const char *)reader->map + 8, (size_t)length, JSON_REJECT_DUPLICATES, &error);
    if (reader->header) return NEPHOS_OK;
    if (json_error_code(&error) == json_error_out_of_memory) return no_memory(reader);
    return BROKEN(reader, "%s: broken header at byte %d: %s", path, 8 + error.position, error.text);
}

static enum nephos_status read_metadata(struct reader *reader, json_t *object)
{
    const char *path = reader->file.path, *key;
    json_t *value;
    if (!json_is_object(object)) return BROKEN(reader, "%s: __metadata__ is no object", path);
    reader->file.metadata = calloc(2 * json_object_size(object) + 1, sizeof(char *));
    if (!reader->file.metadata) return no_memory(reader);
    json_object_foreach(object, key, value) {
        if (!json_is_string(value)) return BROKEN(reader, "%s: metadata \"%s\" is no string", path, key);
        uint32_t i = reader->file.metadata_count++; // counted first: close frees a half-made pair
        reader->file.metadata[2 * i] = strdup(key);
        reader->file.metadata[2 * i + 1] = strdup(json_string_value(value));
        if (!reader->file.metadata[2 * i] || !reader->file.metadata[2 * i + 1]) return no_memory(reader);
    }
    return NEPHOS_OK;
}

// A JSON value as a count; false where it is no integer from 0 on.
static bool get_count(const json_t *value, uint64_t *count)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0) return false;
    *count = (uint64_t)json_integer_value(value);
    return true;
}

static enum nephos_status read_shape(const struct reader *reader, const char *name, const json_t *shape, struct safetensors_entry *entry)
{
    const char *path = reader->file.path;
    if (!json_is_array(shape)) return BROKEN(reader, "%s: tensor \"%s\": no array \"shape\"", path, name);
    if (json_array_size(shape) > SAFETENSORS_MAX_RANK)
        return BROKEN(reader, "%s: tensor \"%s\": %zu dimensions, at most %d can be read", path, name, json_array_size(shape),
                      SAFETENSORS_MAX_RANK);
    entry->rank = (uint32_t)json_array_size(shape);
    for (uint32_t i = 0; i < entry->rank; i++)
        if (!get_count(json_array_get(shape, i), &entry->shape[i]))
            return BROKEN(reader, "%s: tensor \"%s\": shape[%u] is no count", path, name, i);
    return NEPHOS_OK;
}

static enum nephos_status read_offsets(const struct reader *reader, const char *name, const json_t *offsets,
                                       struct safetensors_entry *entry)
{
    uint64_t begin, end;
    const char *path = reader->file.path;
    if (!json_is_array(offsets) || json_array_size(offsets) != 2 || !get_count(json_array_get(offsets, 0), &begin) ||
        !get_count(json_array_get(offsets, 1), &end))
        return BROKEN(reader, "%s: tensor \"%s\": \"data_offsets\" is not a pair of counts", path, name);
    if (begin > end || end > reader->data_size)
        return BROKEN(reader, "%s: tensor \"%s\": bytes %llu to %llu, but the data has %llu; the file may be truncated", path, name,
                      (unsigned long long)begin, (unsigned long long)end, (unsigned long long)reader->data_size);
    entry->offset = begin;
    entry->size = end - begin;
    return NEPHOS_OK;
}

static enum nephos_status read_entry(struct reader *reader, const char *name, const json_t *object)
{
    const char *path = reader->file.path;
    struct safetensors_entry *entry = &reader->file.entries[reader->file.entry_count];
    enum nephos_status status;
    if (!json_is_object(object)) return BROKEN(reader, "%s: tensor \"%s\" is no object", path, name);
    const char *dtype = json_string_value(json_object_get(object, "dtype"));
    const struct safetensors_type *type = dtype ? safetensors_type_named(dtype) : NULL;
    if (!type) return BROKEN(reader, "%s: tensor \"%s\": unknown dtype \"%s\"", path, name, dtype ? dtype : "(none)");
    entry->dtype = type->dtype;
    TRY(read_shape(reader, name, json_object_get(object, "shape"), entry));
    TRY(read_offsets(reader, name, json_object_get(object, "data_offsets"), entry));
    uint64_t size;
    if (!safetensors_size(type, entry->shape, entry->rank, &size) || size != entry->size)
        return BROKEN(reader, "%s: tensor \"%s\": its shape does not match its %llu bytes", path, name, (unsigned long long)entry->size);
    entry->name = strdup(name);
    if (!entry->name) return no_memory(reader);
    reader->file.entry_count++;
fail:
    return status;
}

static int by_offset(const void *left, const void *right)
{
    const struct safetensors_entry *a = left, *b = right;
    if (a->offset != b->offset) return a->offset < b->offset ? -1 : 1;
    if (a->size != b->size) return a->size < b->size ? -1 : 1; // empty tensors stand before the one that starts there
    return strcmp(a->name, b->name);
}

// The format wants every byte to belong to exactly one tensor.
static enum nephos_status check_cover(const struct reader *reader)
{
    uint64_t end = 0;
    for (uint32_t i = 0; i < reader->file.entry_count; i++) {
        const struct safetensors_entry *entry = &reader->file.entries[i];
        if (entry->offset != end)
            return BROKEN(reader, "%s: tensor \"%s\" %s: it starts at byte %llu, the data before it ends at %llu", reader->file.path,
                          entry->name, entry->offset < end ? "overlaps another" : "leaves a gap", (unsigned long long)entry->offset,
                          (unsigned long long)end);
        end += entry->size;
    }
    if (end == reader->data_size) return NEPHOS_OK;
    return BROKEN(reader, "%s: %llu bytes behind the last tensor", reader->file.path, (unsigned long long)(reader->data_size - end));
}

static enum nephos_status read_entries(struct reader *reader)
{
    const char *name;
    json_t *value;
    enum nephos_status status = NEPHOS_OK;
    reader->file.entries = calloc(json_object_size(reader->header) + 1, sizeof *reader->file.entries);
    if (!reader->file.entries) return no_memory(reader);
    json_object_foreach(reader->header, name, value)
        TRY(strcmp(name, "__metadata__") == 0 ? read_metadata(reader, value) : read_entry(reader, name, value));
    if (reader->file.entry_count) qsort(reader->file.entries, reader->file.entry_count, sizeof *reader->file.entries, by_offset);
    status = check_cover(reader);
fail:
    return status;
}

enum nephos_status safetensors_open(struct nephos_log *log, const char *path, struct safetensors **file)
{
    enum nephos_status status;
    struct reader *reader = calloc(1, sizeof *reader);
    struct safetensors *opened = reader ? &reader->file : NULL;
    if (!reader || !(reader->file.path = strdup(path))) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: no memory to open it", path);
    reader->file.log = log;
    TRY(map_file(reader));
    TRY(parse_header(reader));
    TRY(read_entries(reader));
    json_decref(reader->header);
    reader->header = NULL;
    *file = opened;
    return NEPHOS_OK;
fail:
    safetensors_close(&opened);
    return status;
}

void safetensors_close(struct safetensors **file)
{
    if (!file || !*file) return;
    struct reader *reader = (struct reader *)*file;
    for (uint32_t i = 0; i < reader->file.entry_count; i++) free(reader->file.entries[i].name);
    for (uint32_t i = 0; i < 2 * reader->file.metadata_count; i++) free(reader->file.metadata[i]);
    free(reader->file.entries);
    free(reader->file.metadata);
    free(reader->file.path);
    json_decref(reader->header);
    if (reader->map) munmap(reader->map, reader->size);
    free(reader);
    *file = NULL;
}

const struct safetensors_entry *safetensors_find(const struct safetensors *file, const char *name)
{
    for (uint32_t i = 0; i < file->entry_count; i++)
        if (strcmp(file->entries[i].name, name) == 0) return &file->entries[i];
    return NULL;
}

const char *safetensors_metadata(const struct safetensors *file, const char *key)
{
    for (uint32_t i = 0; i < file->metadata_count; i++)
        if (strcmp(file->metadata[2 * i], key) == 0) return file->metadata[2 * i + 1];
    return NULL;
}

static float from_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half >> 15) << 31, exponent = half >> 10 & 31, mantissa = half & 1023;
    if (exponent == 31) return from_bits(sign | 0x7f800000u | mantissa << 13);
    if (exponent) return from_bits(sign | (exponent + 112) << 23 | mantissa << 13);
    float tiny = (float)mantissa * 0x1p-24f; // zero and subnormal numbers
    return sign ? -tiny : tiny;
}

// Offsets may be odd, so elements are copied out rather than pointed to.
static float element(const uint8_t *from, enum safetensors_dtype dtype)
{
    uint16_t half;
    double wide;
    if (dtype == SAFETENSORS_F64) {
        memcpy(&wide, from, sizeof wide);
        return (float)wide;
    }
    memcpy(&half, from, sizeof half);
    return dtype == SAFETENSORS_F16 ? half_to_float(half) : from_bits((uint32_t)half << 16);
}

enum nephos_status safetensors_read_f32(const struct safetensors *file, const struct safetensors_entry *entry, float *to, uint64_t count)
{
    enum safetensors_dtype dtype = entry->dtype;
    if (dtype != SAFETENSORS_F32 && dtype != SAFETENSORS_F64 && dtype != SAFETENSORS_F16 && dtype != SAFETENSORS_BF16)
        return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: tensor \"%s\" holds no floating-point numbers", file->path, entry->name);
    uint64_t size = safetensors_type_of(dtype)->size;
    if (entry->size / size != count)
        return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: tensor \"%s\" has %llu elements, %llu are expected", file->path, entry->name,
                         (unsigned long long)(entry->size / size), (unsigned long long)count);
    const uint8_t *from = file->data + entry->offset;
    if (dtype == SAFETENSORS_F32) {
        if (count) memcpy(to, from, count * sizeof *to);
        return NEPHOS_OK;
    }
    for (uint64_t i = 0; i < count; i++) to[i] = element(from + i * size, dtype);
    return NEPHOS_OK;
}
