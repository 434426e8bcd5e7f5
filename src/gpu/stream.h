// SPDX-License-Identifier: MIT
// A stream: the list of commands as recorded, and what finishing made of it. stream.c records, replay.c makes command buffers
// of the list and submits them, measure.c reads how long they took.
#ifndef GPU_STREAM_H
#define GPU_STREAM_H

#include "gpu/barrier.h"
#include "gpu/device.h"
#include "gpu/kernel.h"

enum gpu_command_kind { GPU_COMMAND_DISPATCH, GPU_COMMAND_COPY, GPU_COMMAND_FILL };

struct gpu_command {
    enum gpu_command_kind kind;
    bool barrier; // wait for what came before
    const struct gpu_kernel *kernel;
    char *label;
    struct gpu_range ranges[GPU_MAX_BINDINGS]; // copy: to, from; fill: what to fill
    uint32_t push_size, groups[3];
    uint32_t word; // fill
    uint8_t push[GPU_MAX_PUSH];
    double flops, bytes;
    double cost; // seconds: estimated, later measured
    VkDescriptorSet set;
    uint32_t profile_row; // UINT32_MAX: none yet
};

// Commands that go to the driver in one submission.
struct gpu_segment {
    uint32_t first, count;
    VkCommandBuffer commands;
    uint32_t query, query_count; // timestamps: start, then end or one behind every command
    double cost;
};

struct gpu_stream {
    struct gpu *gpu;
    struct gpu_stream *next;
    char *label;
    enum nephos_status status; // the first failure while recording
    bool finished;
    struct gpu_command *commands;
    uint32_t count, capacity, dispatch_count, barrier_count;
    struct gpu_tracker tracker;

    VkDescriptorPool descriptors;
    VkCommandPool pool;
    VkQueryPool queries;
    struct gpu_segment *segments;
    uint32_t segment_count;
    uint32_t replans;
    uint64_t ticket; // newest submission, 0: none
    bool measured;   // its timestamps were read
    double seconds;  // what they said
};

// --- segment.c --------------------------------------------------------------------------------------------------------

// Seconds a command may take, before anything was measured.
double gpu_command_cost(const struct gpu *gpu, const struct gpu_command *command);
// Cuts the commands into segments by their cost.
enum nephos_status gpu_segments_plan(struct gpu_stream *stream);
// Scales the costs to what was measured and tells whether cutting anew would help.
bool gpu_segments_adjust(struct gpu_stream *stream, const double *seconds);

// --- replay.c ---------------------------------------------------------------------------------------------------------

enum nephos_status gpu_replay_prepare(struct gpu_stream *stream); // descriptor sets, then gpu_replay_cut
// Cuts the list by the costs known now and records the command buffers; nothing of this stream may be running.
enum nephos_status gpu_replay_cut(struct gpu_stream *stream);
void gpu_replay_free(struct gpu_stream *stream);

// --- measure.c --------------------------------------------------------------------------------------------------------

// Reads the timestamps of the newest submission if that has ended and was not measured yet; may cut the segments anew.
enum nephos_status gpu_measure(struct gpu_stream *stream);

#endif
