// SPDX-License-Identifier: MIT
// Recording: every command is checked and copied, and gets a barrier where it depends on an earlier one.
#include "gpu/stream.h"

#include "base/clock.h"
#include "gpu/profile.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum nephos_status gpu_stream_create(struct gpu *gpu, const char *label, struct gpu_stream **stream)
{
    const enum nephos_status status = gpu_alive(gpu);
    if (status != NEPHOS_OK) return status;
    struct gpu_stream *created = calloc(1, sizeof *created);
    char *name = strdup(label ? label : "stream");
    if (!created || !name) {
        free(created);
        free(name);
        return base_fail(gpu->log, NEPHOS_ERROR_MEMORY, "stream '%s': out of memory", label ? label : "");
    }
    created->gpu = gpu;
    created->label = name;
    created->next = gpu->streams;
    gpu->streams = created;
    *stream = created;
    return NEPHOS_OK;
}

static void unlink_stream(struct gpu_stream *stream)
{
    struct gpu_stream **link = &stream->gpu->streams;
    while (*link != stream) link = &(*link)->next;
    *link = stream->next;
}

void gpu_stream_destroy(struct gpu_stream **stream)
{
    if (!stream || !*stream) return;
    struct gpu_stream *dying = *stream;
    if (gpu_wait_idle(dying->gpu) == NEPHOS_OK && dying->gpu->profile) gpu_measure(dying); // the profile outlives the stream
    unlink_stream(dying);
    if (!dying->gpu->hung) gpu_replay_free(dying);
    for (uint32_t i = 0; i < dying->count; i++) free(dying->commands[i].label);
    free(dying->commands);
    free(dying->segments);
    free(dying->label);
    free(dying);
    *stream = NULL;
}

void gpu_stream_poison(struct gpu_stream *stream, enum nephos_status status)
{
    if (stream->status == NEPHOS_OK) stream->status = status;
}

// A failure while recording: logged here, returned by gpu_stream_finish.
#define POISON(stream, code, ...) gpu_stream_poison((stream), base_fail((stream)->gpu->log, (code), __VA_ARGS__))

static bool recording(struct gpu_stream *stream)
{
    if (stream->finished) POISON(stream, NEPHOS_ERROR_ARGUMENT, "stream '%s' was finished already", stream->label);
    return stream->status == NEPHOS_OK;
}

// The next, zeroed command of the list; NULL when memory is out.
static struct gpu_command *append(struct gpu_stream *stream, enum gpu_command_kind kind, const char *label)
{
    if (stream->count == stream->capacity) {
        const uint32_t capacity = stream->capacity ? 2 * stream->capacity : 64;
        struct gpu_command *commands = realloc(stream->commands, capacity * sizeof *commands);
        if (!commands) {
            POISON(stream, NEPHOS_ERROR_MEMORY, "stream '%s': out of memory for %u commands", stream->label, capacity);
            return NULL;
        }
        stream->commands = commands;
        stream->capacity = capacity;
    }
    struct gpu_command *command = &stream->commands[stream->count];
    *command = (struct gpu_command){.kind = kind, .label = strdup(label), .profile_row = UINT32_MAX};
    if (!command->label) {
        POISON(stream, NEPHOS_ERROR_MEMORY, "stream '%s': out of memory", stream->label);
        return NULL;
    }
    stream->count++;
    return command;
}

static void depend(struct gpu_stream *stream, struct gpu_command *command, const struct gpu_access *accesses, uint32_t count)
{
    command->barrier = gpu_tracker_add(&stream->tracker, accesses, count);
    stream->barrier_count += command->barrier;
    command->cost = gpu_command_cost(stream->gpu, command);
}

static struct gpu_access access_of(struct gpu_range range, bool write)
{
    return (struct gpu_access){range.buffer, range.offset, range.offset + range.size, write};
}

static const char *name_of(const struct gpu_dispatch *dispatch)
{
    return dispatch->label ? dispatch->label : dispatch->shader->name;
}

// Most bytes a binding may cover.
static uint64_t most_bytes(const struct gpu *gpu, const struct gpu_binding *binding)
{
    if (binding->address) return UINT64_MAX;
    return binding->uniform ? gpu->vk_limits.maxUniformBufferRange : gpu->limits.max_binding_size;
}

static bool check_range(struct gpu_stream *stream, const struct gpu_dispatch *dispatch, uint32_t i, const struct gpu_binding *binding)
{
    struct gpu *gpu = stream->gpu;
    const struct gpu_range range = dispatch->ranges[i];
    const char *label = name_of(dispatch), *kernel = dispatch->shader->name;
    const unsigned long long offset = range.offset, size = range.size;
    const uint64_t most = most_bytes(gpu, binding);
    if (!range.buffer) return true;
    if (!gpu_range_inside(range)) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "%s (kernel %s): binding %u covers bytes %llu + %llu of a buffer of %llu", label, kernel, i,
               offset, size, (unsigned long long)range.buffer->size);
    } else if (range.offset % gpu->limits.offset_alignment) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "%s (kernel %s): binding %u starts at byte %llu, which is not a multiple of %u", label,
               kernel, i, offset, gpu->limits.offset_alignment);
    } else if (range.size > most) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT,
               "%s (kernel %s): binding %u has %llu bytes, but %s binds %llu at most; use a smaller batch or image size",
               label, kernel, i, size, gpu->info.name, (unsigned long long)most);
    }
    return stream->status == NEPHOS_OK;
}

#define ADDRESS_SIZE 8u // bytes of a pointer in the push block

static bool check_dispatch(struct gpu_stream *stream, const struct gpu_dispatch *dispatch, const struct gpu_reflection *reflection)
{
    const uint32_t *most = stream->gpu->vk_limits.maxComputeWorkGroupCount, *groups = dispatch->groups;
    const uint32_t push_room = GPU_MAX_PUSH - ADDRESS_SIZE * reflection->address_count;
    const char *label = name_of(dispatch), *kernel = dispatch->shader->name;
    if (reflection->address_count && !stream->gpu->features.addresses) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "%s (kernel %s): %s has no buffer addresses", label, kernel, stream->gpu->info.name);
    } else if (dispatch->range_count != reflection->binding_count) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "%s (kernel %s): %u ranges for %u bindings", label, kernel, dispatch->range_count,
               reflection->binding_count);
    } else if (dispatch->push_size > push_room || dispatch->push_size % 4) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "%s (kernel %s): %u bytes of push data; %u at most, a multiple of 4", label, kernel,
               dispatch->push_size, push_room);
    } else if (groups[0] > most[0] || groups[1] > most[1] || groups[2] > most[2]) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "%s (kernel %s): %ux%ux%u workgroups; %s can do %ux%ux%u", label, kernel, groups[0],
               groups[1], groups[2], stream->gpu->info.name, most[0], most[1], most[2]);
    }
    for (uint32_t i = 0; i < dispatch->range_count && stream->status == NEPHOS_OK; i++) {
        check_range(stream, dispatch, i, &reflection->bindings[i]);
    }
    return stream->status == NEPHOS_OK;
}

static uint32_t list_accesses(const struct gpu_dispatch *dispatch, const struct gpu_reflection *reflection, struct gpu_access *accesses)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < dispatch->range_count; i++) {
        const struct gpu_binding *binding = &reflection->bindings[i];
        if (!binding->used || !dispatch->ranges[i].buffer) continue;
        accesses[count++] = access_of(dispatch->ranges[i], binding->write);
    }
    return count;
}

static double total_size(const struct gpu_dispatch *dispatch)
{
    double bytes = 0;
    for (uint32_t i = 0; i < dispatch->range_count; i++) bytes += (double)dispatch->ranges[i].size;
    return bytes;
}

// Pointers first, then the caller's data.
static void fill_push(struct gpu *gpu, const struct gpu_dispatch *dispatch, uint32_t address_count, struct gpu_command *command)
{
    for (uint32_t i = 0; i < address_count; i++) {
        const struct gpu_range range = dispatch->ranges[i];
        const uint64_t address = range.buffer ? range.buffer->address + range.offset : gpu->dummy ? gpu->dummy->address : 0;
        memcpy(command->push + ADDRESS_SIZE * i, &address, ADDRESS_SIZE);
    }
    const uint32_t start = ADDRESS_SIZE * address_count;
    if (dispatch->push_size) memcpy(command->push + start, dispatch->push, dispatch->push_size);
    command->push_size = start + dispatch->push_size;
}

static uint32_t types_of(const struct gpu_dispatch *dispatch)
{
    uint32_t types = 0;
    for (uint32_t i = 0; i < dispatch->range_count && i < GPU_MAX_BINDINGS; i++) {
        if (dispatch->ranges[i].buffer) types |= (uint32_t)dispatch->ranges[i].type << 2 * i;
    }
    return types;
}

void gpu_stream_dispatch(struct gpu_stream *stream, const struct gpu_dispatch *dispatch)
{
    const struct gpu_kernel *kernel = NULL;
    struct gpu_access accesses[GPU_MAX_BINDINGS];
    if (!recording(stream)) return;
    const uint32_t types = types_of(dispatch);
    const struct gpu_shader *shader = types && dispatch->shader->half ? dispatch->shader->half : dispatch->shader;
    const enum nephos_status status = gpu_kernel_get_typed(stream->gpu, shader, types, dispatch->spec, dispatch->spec_count, &kernel);
    if (status != NEPHOS_OK) {
        gpu_stream_poison(stream, status);
        return;
    }
    if (!check_dispatch(stream, dispatch, &kernel->reflection)) return;
    if (!dispatch->groups[0] || !dispatch->groups[1] || !dispatch->groups[2]) return; // nothing to do
    struct gpu_command *command = append(stream, GPU_COMMAND_DISPATCH, name_of(dispatch));
    if (!command) return;
    command->kernel = kernel;
    if (dispatch->range_count) memcpy(command->ranges, dispatch->ranges, dispatch->range_count * sizeof *dispatch->ranges);
    memcpy(command->groups, dispatch->groups, sizeof command->groups);
    fill_push(stream->gpu, dispatch, kernel->reflection.address_count, command);
    command->flops = dispatch->flops;
    command->bytes = dispatch->bytes > 0 ? dispatch->bytes : total_size(dispatch);
    stream->dispatch_count++;
    depend(stream, command, accesses, list_accesses(dispatch, &kernel->reflection, accesses));
}

void gpu_stream_copy(struct gpu_stream *stream, struct gpu_range to, struct gpu_range from)
{
    if (!recording(stream)) return;
    if (!gpu_range_inside(to) || !gpu_range_inside(from) || to.size != from.size) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "copy in stream '%s': %llu bytes to %llu bytes, or a range outside its buffer", stream->label,
               (unsigned long long)from.size, (unsigned long long)to.size);
        return;
    }
    if (to.buffer == from.buffer && to.offset < from.offset + from.size && from.offset < to.offset + to.size) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "copy in stream '%s': the ranges overlap", stream->label);
        return;
    }
    struct gpu_command *command = append(stream, GPU_COMMAND_COPY, "copy");
    if (!command) return;
    command->ranges[0] = to;
    command->ranges[1] = from;
    command->bytes = 2 * (double)to.size;
    const struct gpu_access accesses[] = {access_of(to, true), access_of(from, false)};
    depend(stream, command, accesses, ARRAY_COUNT(accesses));
}

void gpu_stream_fill(struct gpu_stream *stream, struct gpu_range range, uint32_t word)
{
    if (!recording(stream)) return;
    if (!gpu_range_inside(range) || (range.offset | range.size) & 3) {
        POISON(stream, NEPHOS_ERROR_ARGUMENT, "fill in stream '%s': bytes %llu + %llu are outside the buffer or no multiple of 4",
               stream->label, (unsigned long long)range.offset, (unsigned long long)range.size);
        return;
    }
    struct gpu_command *command = append(stream, GPU_COMMAND_FILL, "fill");
    if (!command) return;
    command->ranges[0] = range;
    command->word = word;
    command->bytes = (double)range.size;
    const struct gpu_access access = access_of(range, true);
    depend(stream, command, &access, 1);
}

enum nephos_status gpu_stream_finish(struct gpu_stream *stream)
{
    enum nephos_status status = stream->status;
    if (status != NEPHOS_OK || stream->finished) return status;
    TRY(gpu_kernels_compile(stream->gpu));
    TRY(gpu_replay_prepare(stream));
    stream->finished = true;
    return NEPHOS_OK;
fail:
    gpu_stream_poison(stream, status);
    return status;
}

enum nephos_status gpu_stream_submit(struct gpu_stream *stream, uint64_t *ticket)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    TRY(gpu_alive(gpu));
    TRY(stream->status); // its message was logged when it happened
    if (!stream->finished) FAIL(gpu->log, NEPHOS_ERROR_ARGUMENT, "stream '%s' was submitted before it was finished", stream->label);
    if (gpu->profile && stream->ticket) TRY(gpu_wait(gpu, stream->ticket)); // its timestamps are about to be overwritten
    TRY(gpu_measure(stream));
    for (uint32_t i = 0; i < stream->segment_count; i++) TRY(gpu_submit(gpu, stream->segments[i].commands, &stream->ticket));
    stream->measured = false;
    if (ticket) *ticket = stream->ticket;
fail:
    return status;
}

enum nephos_status gpu_stream_run(struct gpu_stream *stream, double *seconds)
{
    enum nephos_status status = NEPHOS_OK;
    uint64_t ticket = 0;
    const double start = base_clock();
    TRY(gpu_stream_submit(stream, &ticket));
    TRY(gpu_wait(stream->gpu, ticket));
    const double elapsed = base_clock() - start;
    TRY(gpu_measure(stream));
    if (seconds) *seconds = stream->measured && stream->seconds > 0 ? stream->seconds : elapsed;
fail:
    return status;
}

uint32_t gpu_stream_dispatch_count(const struct gpu_stream *stream)
{
    return stream->dispatch_count;
}

uint32_t gpu_stream_barrier_count(const struct gpu_stream *stream)
{
    return stream->barrier_count;
}

double gpu_stream_bytes(const struct gpu_stream *stream)
{
    double bytes = 0;
    for (uint32_t i = 0; i < stream->count; i++) bytes += stream->commands[i].bytes;
    return bytes;
}
