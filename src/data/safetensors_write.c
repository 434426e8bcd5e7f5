// SPDX-License-Identifier: MIT
// Writing safetensors: wide element types first, then by name, with a padded header. So every tensor is aligned to its elements
// without the gaps the format forbids, and the same tensors give the same bytes whatever their order.
#include "base/file.h"
#include "data/safetensors_dtype.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 8

struct piece {
    const struct safetensors_tensor *tensor;
    const struct safetensors_type *type;
    uint64_t size;
};

static int by_width_and_name(const void *left, const void *right)
{
    const struct piece *a = left, *b = right;
    if (a->type->size != b->type->size) return a->type->size > b->type->size ? -1 : 1;
    return strcmp(a->tensor->name, b->tensor->name);
}

static enum nephos_status collect(struct nephos_log *log, const char *path, const struct safetensors_tensor *tensors, uint32_t count,
                                  struct piece *pieces)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct safetensors_tensor *tensor = &tensors[i];
        pieces[i].tensor = tensor;
        pieces[i].type = safetensors_type_of(tensor->dtype);
        if (!pieces[i].type || tensor->rank > SAFETENSORS_MAX_RANK || strcmp(tensor->name, "__metadata__") == 0 ||
            !safetensors_size(pieces[i].type, tensor->shape, tensor->rank, &pieces[i].size))
            return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%s: tensor \"%s\" can't be written: name, dtype, rank or size is out of range",
                             path, tensor->name);
    }
    if (count) qsort(pieces, count, sizeof *pieces, by_width_and_name);
    return NEPHOS_OK;
}

// Each returns a new reference, NULL when memory is out or a text is not UTF-8.
static json_t *metadata_object(const char *const *metadata, uint32_t count)
{
    json_t *object = json_object();
    for (uint32_t i = 0; object && i < count; i++)
        if (json_object_set_new(object, metadata[2 * i], json_string(metadata[2 * i + 1])) != 0) {
            json_decref(object);
            return NULL;
        }
    return object;
}

static json_t *piece_object(const struct piece *piece, uint64_t offset)
{
    json_t *shape = json_array();
    for (uint32_t i = 0; i < piece->tensor->rank; i++)
        if (json_array_append_new(shape, json_integer((json_int_t)piece->tensor->shape[i])) != 0) {
            json_decref(shape);
            return NULL;
        }
    return json_pack("{s:s, s:o, s:[I, I]}", "dtype", piece->type->name, "shape", shape, "data_offsets", (json_int_t)offset,
                     (json_int_t)(offset + piece->size));
}

static enum nephos_status header_object(struct nephos_log *log, const char *path, const struct piece *pieces, uint32_t count,
                                        const char *const *metadata, uint32_t metadata_count, json_t **header)
{
    enum nephos_status status = NEPHOS_OK;
    uint64_t offset = 0;
    json_t *object = json_object();
    if (metadata_count && json_object_set_new(object, "__metadata__", metadata_object(metadata, metadata_count)) != 0)
        FAIL(log, NEPHOS_ERROR, "%s: the metadata is not UTF-8, or memory is out", path);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = pieces[i].tensor->name;
        if (json_object_get(object, name)) FAIL(log, NEPHOS_ERROR_ARGUMENT, "%s: two tensors are called \"%s\"", path, name);
        if (json_object_set_new(object, name, piece_object(&pieces[i], offset)) != 0)
            FAIL(log, NEPHOS_ERROR, "%s: the name of tensor \"%s\" is not UTF-8, or memory is out", path, name);
        offset += pieces[i].size;
    }
    *header = object;
    return NEPHOS_OK;
fail:
    json_decref(object);
    return status;
}

// fwrite's errors stay in the stream and are reported by base_file_commit.
static void write_all(FILE *stream, const char *header, const struct piece *pieces, uint32_t count)
{
    size_t length = strlen(header);
    uint64_t padded = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT; // the 8 bytes in front keep the alignment
    fwrite(&padded, sizeof padded, 1, stream);
    fwrite(header, 1, length, stream);
    for (uint64_t i = length; i < padded; i++) fputc(' ', stream);
    for (uint32_t i = 0; i < count; i++)
        if (pieces[i].size) fwrite(pieces[i].tensor->data, 1, pieces[i].size, stream);
}

static enum nephos_status write_file(struct nephos_log *log, const char *path, const json_t *header, const struct piece *pieces,
                                     uint32_t count)
{
    struct base_file *file = NULL;
    char *text = json_dumps(header, JSON_COMPACT);
    if (!text) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for the header", path);
    enum nephos_status status = base_file_create(log, path, &file);
    if (status == NEPHOS_OK) {
        write_all(base_file_stream(file), text, pieces, count);
        status = base_file_commit(&file);
    }
    free(text);
    return status;
}

enum nephos_status safetensors_write(struct nephos_log *log, const char *path, const struct safetensors_tensor *tensors,
                                     uint32_t tensor_count, const char *const *metadata, uint32_t metadata_count)
{
    enum nephos_status status;
    json_t *header = NULL;
    struct piece *pieces = calloc((size_t)tensor_count + 1, sizeof *pieces);
    if (!pieces) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: no memory for %u tensors", path, tensor_count);
    TRY(collect(log, path, tensors, tensor_count, pieces));
    TRY(header_object(log, path, pieces, tensor_count, metadata, metadata_count, &header));
    status = write_file(log, path, header, pieces, tensor_count);
fail:
    json_decref(header);
    free(pieces);
    return status;
}
