// SPDX-License-Identifier: MIT
// Cutting a stream into submissions. Drivers give a device up when one submission runs too long (two seconds on Windows and on
// recent amdgpu, less under a desktop), so each is kept near a twentieth of a second: first by a careful guess, then by measurement.
#include "gpu/stream.h"

#include <stdlib.h>

#define TARGET 0.05     // seconds per submission when cutting
#define LIMIT 0.1       // a measured submission above it is cut again
#define MOST_COMMANDS 1024u
#define MOST_REPLANS 8u // a device whose speed swings is not chased for ever
#define OVERHEAD 5e-6   // seconds of a command that does nothing

// Guessed speed of the slowest devices of a kind: FLOP/s and bytes/s.
static void guess_speed(enum nephos_device_type type, double *flops, double *bytes)
{
    switch (type) {
    case NEPHOS_DEVICE_DISCRETE: *flops = 200e9, *bytes = 50e9; break;
    case NEPHOS_DEVICE_INTEGRATED:
    case NEPHOS_DEVICE_VIRTUAL: *flops = 20e9, *bytes = 5e9; break;
    default: *flops = 2e9, *bytes = 1e9; break;
    }
}

double gpu_command_cost(const struct gpu *gpu, const struct gpu_command *command)
{
    double flops, bytes;
    guess_speed(gpu->info.type, &flops, &bytes);
    return OVERHEAD + command->flops / flops + command->bytes / bytes;
}

// Writes the segments to `segments` unless that is NULL; returns their number.
static uint32_t cut(const struct gpu_stream *stream, struct gpu_segment *segments)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < stream->count; count++) {
        struct gpu_segment segment = {.first = i};
        do {
            segment.cost += stream->commands[i++].cost;
            segment.count++;
        } while (i < stream->count && segment.count < MOST_COMMANDS && segment.cost + stream->commands[i].cost <= TARGET);
        if (segments) segments[count] = segment;
    }
    return count;
}

enum nephos_status gpu_segments_plan(struct gpu_stream *stream)
{
    const uint32_t count = cut(stream, NULL);
    struct gpu_segment *segments = calloc(count + 1, sizeof *segments);
    if (!segments) {
        return base_fail(stream->gpu->log, NEPHOS_ERROR_MEMORY, "stream '%s': out of memory for %u submissions", stream->label, count);
    }
    cut(stream, segments);
    free(stream->segments);
    stream->segments = segments;
    stream->segment_count = count;
    return NEPHOS_OK;
}

// A clock may be too coarse to see a short segment, but a cost of zero could never be scaled again.
static double measured_cost(const struct gpu_segment *segment, double seconds)
{
    const double least = 1e-9 * segment->count;
    return seconds > least ? seconds : least;
}

bool gpu_segments_adjust(struct gpu_stream *stream, const double *seconds)
{
    bool too_long = false;
    for (uint32_t s = 0; s < stream->segment_count; s++) {
        struct gpu_segment *segment = &stream->segments[s];
        const double cost = measured_cost(segment, seconds[s]), scale = cost / segment->cost;
        for (uint32_t i = segment->first; i < segment->first + segment->count; i++) stream->commands[i].cost *= scale;
        too_long |= seconds[s] > LIMIT && segment->count > 1;
        segment->cost = cost;
    }
    if (stream->replans >= MOST_REPLANS) return false;
    return too_long || 2 * cut(stream, NULL) < stream->segment_count;
}
