// SPDX-License-Identifier: MIT
// Memory order is OHWI, file order OIHW; batch norm's pairs of rows become two tensors; Adam's interleaved moments become two sets.
#include "train/checkpoint.h"

#include "base/file.h"

#include <stdlib.h>
#include <string.h>

#define MAX_TENSORS_PER_PARAM 8
#define AVERAGE_PREFIX "optimizer.average."

enum slab { VALUES, MOMENTS, AVERAGE };

// One file tensor of a parameter: `row` of `rows` of the memory tensor, element `lane` of every `lanes` floats.
struct piece {
    char name[192];
    uint32_t row, rows;
    uint32_t lane, lanes;
    enum slab slab;
};

static uint32_t list_values(const struct net_param *param, const char *prefix, uint32_t lane, uint32_t lanes, enum slab slab,
                            struct piece *pieces)
{
    const char *const names[2] = {param->name, param->second_name};
    const uint32_t rows = param->second_name ? 2 : 1;
    for (uint32_t row = 0; row < rows; row++) {
        pieces[row] = (struct piece){.row = row, .rows = rows, .lane = lane, .lanes = lanes, .slab = slab};
        snprintf(pieces[row].name, sizeof pieces[row].name, "%s%s", prefix, names[row]);
    }
    return rows;
}

static uint32_t list_pieces(const struct net_store *store, const struct net_param *param, bool moments, struct piece *pieces)
{
    if (!moments && strncmp(param->name, NET_OPTIMIZER_PREFIX, sizeof NET_OPTIMIZER_PREFIX - 1) == 0) return 0;
    uint32_t count = list_values(param, "", 0, 1, VALUES, pieces);
    if (!moments || param->state) return count;
    if (store->moments == 2) {
        count += list_values(param, "optimizer.exp_avg.", 0, 2, MOMENTS, pieces + count);
        count += list_values(param, "optimizer.exp_avg_sq.", 1, 2, MOMENTS, pieces + count);
    } else if (store->moments == 1) {
        count += list_values(param, "optimizer.momentum_buffer.", 0, 1, MOMENTS, pieces + count);
    }
    if (store->average) count += list_values(param, AVERAGE_PREFIX, 0, 1, AVERAGE, pieces + count);
    return count;
}

static void file_shape(const struct net_param *param, uint32_t *rank, uint64_t shape[SAFETENSORS_MAX_RANK])
{
    const struct op_shape s = param->shape;
    *rank = param->layout == NET_LAYOUT_CONV ? 4 : param->layout == NET_LAYOUT_MATRIX ? 2 : 1;
    const uint64_t sizes[3][4] = {{s.n, s.c, s.h, s.w}, {s.n, s.c}, {s.c}};
    memcpy(shape, sizes[*rank == 4 ? 0 : *rank == 2 ? 1 : 2], *rank * sizeof *shape);
}

static uint64_t piece_count(const struct net_param *param, const struct piece *piece)
{
    return op_count(param->shape) / piece->rows;
}

// Index in memory of element `i` of the file tensor.
static uint64_t memory_index(const struct net_param *param, const struct piece *piece, uint64_t i)
{
    const struct op_shape s = param->shape;
    uint64_t at = i;
    if (param->layout == NET_LAYOUT_CONV) {
        const uint64_t w = i % s.w, h = i / s.w % s.h, c = i / ((uint64_t)s.w * s.h) % s.c, n = i / ((uint64_t)s.w * s.h * s.c);
        at = ((n * s.h + h) * s.w + w) * s.c + c;
    }
    return (at + piece->row * piece_count(param, piece)) * piece->lanes + piece->lane;
}

static void to_file(const struct net_param *param, const struct piece *piece, const float *memory, float *file)
{
    for (uint64_t i = 0; i < piece_count(param, piece); i++) file[i] = memory[memory_index(param, piece, i)];
}

static void from_file(const struct net_param *param, const struct piece *piece, const float *file, float *memory)
{
    for (uint64_t i = 0; i < piece_count(param, piece); i++) memory[memory_index(param, piece, i)] = file[i];
}

static struct gpu_range piece_range(const struct net_store *store, uint32_t param, const struct piece *piece)
{
    if (piece->slab == AVERAGE) return net_store_values(store->average, param);
    return piece->slab == MOMENTS ? net_store_moments(store, param) : net_store_values(store, param);
}

static enum nephos_status out_of_memory(const struct net_store *store)
{
    return base_fail(gpu_log(store->gpu), NEPHOS_ERROR_MEMORY, "checkpoint: out of memory");
}

// --- saving -----------------------------------------------------------------------------------------------------------

struct writer {
    struct safetensors_tensor *tensors;
    uint32_t count, capacity;
};

// Takes `data` and `name` over, also when it fails.
static bool append(struct writer *writer, char *name, enum safetensors_dtype dtype, uint32_t rank, const uint64_t *shape, void *data)
{
    if (!name || !data || writer->count == writer->capacity) {
        free(name);
        free(data);
        return false;
    }
    struct safetensors_tensor *tensor = &writer->tensors[writer->count++];
    *tensor = (struct safetensors_tensor){.name = name, .dtype = dtype, .rank = rank, .data = data};
    memcpy(tensor->shape, shape, rank * sizeof *shape);
    return true;
}

static bool append_piece(struct writer *writer, const struct net_param *param, const struct piece *piece, const float *memory)
{
    uint32_t rank;
    uint64_t shape[SAFETENSORS_MAX_RANK];
    file_shape(param, &rank, shape);
    float *data = malloc(piece_count(param, piece) * sizeof *data);
    if (data) to_file(param, piece, memory, data);
    return append(writer, strdup(piece->name), SAFETENSORS_F32, rank, shape, data);
}

// PyTorch's batch norm keeps a counter beside its statistics and misses it when it is not there.
static bool append_counter(struct writer *writer, const struct net_param *param, uint64_t steps)
{
    static const char statistic[] = "running_mean";
    const size_t length = strlen(param->name);
    if (!param->state || length < sizeof statistic || strcmp(param->name + length - (sizeof statistic - 1), statistic) != 0) return true;
    int64_t *counter = malloc(sizeof *counter);
    if (counter) *counter = (int64_t)steps;
    char *name = base_format("%.*snum_batches_tracked", (int)(length - (sizeof statistic - 1)), param->name);
    return append(writer, name, SAFETENSORS_I64, 0, (uint64_t[]){0}, counter);
}

static enum nephos_status append_param(const struct net_store *store, uint32_t index, bool moments, uint64_t steps, struct writer *writer)
{
    const struct net_param *param = &store->params[index];
    struct piece pieces[MAX_TENSORS_PER_PARAM];
    const uint32_t count = list_pieces(store, param, moments, pieces);
    enum nephos_status status = NEPHOS_OK;
    for (uint32_t i = 0; i < count && status == NEPHOS_OK; i++) {
        const struct gpu_range range = piece_range(store, index, &pieces[i]);
        float *memory = malloc(range.size);
        if (!memory) return out_of_memory(store);
        status = gpu_download(store->gpu, range, memory);
        if (status == NEPHOS_OK && !append_piece(writer, param, &pieces[i], memory)) status = out_of_memory(store);
        free(memory);
    }
    if (status == NEPHOS_OK && !append_counter(writer, param, steps)) status = out_of_memory(store);
    return status;
}

enum nephos_status checkpoint_save(const struct net_store *store, const char *path, bool moments, uint64_t steps, char *const *pairs,
                                   uint32_t pair_count)
{
    enum nephos_status status = NEPHOS_OK;
    struct writer writer = {.capacity = store->param_count * (MAX_TENSORS_PER_PARAM + 1)};
    writer.tensors = calloc(writer.capacity + 1, sizeof *writer.tensors);
    if (!writer.tensors) return out_of_memory(store);
    for (uint32_t i = 0; i < store->param_count && status == NEPHOS_OK; i++) status = append_param(store, i, moments, steps, &writer);
    if (status == NEPHOS_OK)
        status = safetensors_write(gpu_log(store->gpu), path, writer.tensors, writer.count, (const char *const *)pairs, pair_count);
    for (uint32_t i = 0; i < writer.count; i++) {
        free((void *)writer.tensors[i].name);
        free((void *)writer.tensors[i].data);
    }
    free(writer.tensors);
    return status;
}

// --- loading ----------------------------------------------------------------------------------------------------------

static void describe(uint32_t rank, const uint64_t *shape, char text[96])
{
    size_t used = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < rank && used < 80; i++)
        used += (size_t)snprintf(text + used, 96 - used, i ? "x%llu" : "%llu", (unsigned long long)shape[i]);
}

static bool shape_fits(const struct net_param *param, const struct safetensors_entry *entry)
{
    uint32_t rank;
    uint64_t shape[SAFETENSORS_MAX_RANK];
    file_shape(param, &rank, shape);
    return entry->rank == rank && memcmp(shape, entry->shape, rank * sizeof *shape) == 0;
}

static enum nephos_status refuse_shape(const struct safetensors *file, const struct safetensors_entry *entry, const struct net_param *param)
{
    uint32_t rank;
    uint64_t shape[SAFETENSORS_MAX_RANK];
    char found[96], wanted[96];
    file_shape(param, &rank, shape);
    describe(entry->rank, entry->shape, found);
    describe(rank, shape, wanted);
    return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: tensor '%s' is %s, the model expects %s", file->path, entry->name, found, wanted);
}

// Reads one file tensor into its part of the parameter's memory image.
static enum nephos_status read_piece(const struct safetensors *file, const struct safetensors_entry *entry, const struct net_param *param,
                                     const struct piece *piece, float *memory)
{
    if (!shape_fits(param, entry)) return refuse_shape(file, entry, param);
    const uint64_t count = piece_count(param, piece);
    float *values = malloc(count * sizeof *values);
    if (!values) return base_fail(file->log, NEPHOS_ERROR_MEMORY, "%s: out of memory", file->path);
    const enum nephos_status status = safetensors_read_f32(file, entry, values, count);
    if (status == NEPHOS_OK) from_file(param, piece, values, memory);
    free(values);
    return status;
}

// Where the tensor of a piece is found; encoders saved alone lack the prefix.
static const struct safetensors_entry *find_entry(const struct safetensors *file, const char *name, bool encoder_alone)
{
    static const char prefix[] = "encoder.";
    const struct safetensors_entry *entry = safetensors_find(file, name);
    if (!entry && encoder_alone && strncmp(name, prefix, sizeof prefix - 1) == 0) entry = safetensors_find(file, name + sizeof prefix - 1);
    return entry;
}

static enum nephos_status update_piece(struct net_store *store, uint32_t index, const struct piece *piece, const struct safetensors *file,
                                       const struct safetensors_entry *entry)
{
    const struct gpu_range range = piece_range(store, index, piece);
    float *memory = malloc(range.size);
    if (!memory) return out_of_memory(store);
    enum nephos_status status;
    TRY(gpu_download(store->gpu, range, memory));
    TRY(read_piece(file, entry, &store->params[index], piece, memory));
    TRY(gpu_upload(store->gpu, range, memory));
fail:
    free(memory);
    return status;
}

// An average that is left behind can't be caught up with.
static enum nephos_status check_no_average(const struct net_store *store, const struct safetensors *file)
{
    for (uint32_t p = 0; p < store->param_count && !store->average; p++) {
        char name[192];
        snprintf(name, sizeof name, AVERAGE_PREFIX "%s", store->params[p].name);
        if (safetensors_find(file, name))
            return base_fail(file->log, NEPHOS_ERROR_DATA, "%s was trained with --ema; go on with it", file->path);
    }
    return NEPHOS_OK;
}

// First looks whether everything is there with the right shape, so that a wrong file changes nothing.
static enum nephos_status check_all(const struct net_store *store, const struct safetensors *file, bool moments)
{
    struct piece pieces[MAX_TENSORS_PER_PARAM];
    for (uint32_t p = 0; p < store->param_count; p++) {
        const uint32_t count = list_pieces(store, &store->params[p], moments, pieces);
        for (uint32_t i = 0; i < count; i++) {
            const struct safetensors_entry *entry = safetensors_find(file, pieces[i].name);
            if (!entry && strcmp(pieces[i].name, NET_LOSS_SCALE) == 0)
                return base_fail(file->log, NEPHOS_ERROR_DATA, "%s was trained with another --precision or --storage", file->path);
            if (!entry && pieces[i].slab == AVERAGE)
                return base_fail(file->log, NEPHOS_ERROR_DATA, "%s was trained without --ema: it has no average to go on with", file->path);
            if (!entry)
                return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: tensor '%s' is missing: weights of another model%s", file->path,
                                 pieces[i].name, pieces[i].slab == MOMENTS ? " or optimizer" : "");
            if (!shape_fits(&store->params[p], entry)) return refuse_shape(file, entry, &store->params[p]);
        }
    }
    return moments ? check_no_average(store, file) : NEPHOS_OK;
}

enum nephos_status checkpoint_load(struct net_store *store, const struct safetensors *file, bool moments)
{
    struct piece pieces[MAX_TENSORS_PER_PARAM];
    enum nephos_status status = check_all(store, file, moments);
    for (uint32_t p = 0; p < store->param_count; p++) {
        const uint32_t count = list_pieces(store, &store->params[p], moments, pieces);
        for (uint32_t i = 0; i < count && status == NEPHOS_OK; i++)
            status = update_piece(store, p, &pieces[i], file, safetensors_find(file, pieces[i].name));
    }
    return status;
}

enum nephos_status checkpoint_init(struct net_store *store, const struct safetensors *file)
{
    static const char head[] = "segmentation_head.";
    struct piece pieces[MAX_TENSORS_PER_PARAM];
    enum nephos_status status = NEPHOS_OK;
    uint32_t loaded = 0, left = 0;
    for (uint32_t p = 0; p < store->param_count; p++) {
        const struct net_param *param = &store->params[p];
        const uint32_t count = list_pieces(store, param, false, pieces);
        for (uint32_t i = 0; i < count && status == NEPHOS_OK; i++) {
            const struct safetensors_entry *entry = find_entry(file, pieces[i].name, true);
            const bool other_head = entry && !shape_fits(param, entry) && strncmp(param->name, head, sizeof head - 1) == 0;
            if (!entry || other_head) {
                left++;
                continue;
            }
            status = update_piece(store, p, &pieces[i], file, entry);
            loaded++;
        }
    }
    if (status != NEPHOS_OK) return status;
    if (loaded == 0)
        return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: none of its %u tensors belongs to this model", file->path, file->entry_count);
    if (left) base_warn(file->log, "%s: %u tensors taken, %u of the model keep their fresh values", file->path, loaded, left);
    return NEPHOS_OK;
}
