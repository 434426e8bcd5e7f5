// SPDX-License-Identifier: MIT
// Reading timestamps: ticks of timestampPeriod nanoseconds of which only the lower timestampValidBits count.
#include "gpu/stream.h"

#include "gpu/profile.h"

#include <stdlib.h>

static uint64_t tick_mask(const struct gpu *gpu)
{
    return gpu->timestamp_bits >= 64 ? UINT64_MAX : (UINT64_C(1) << gpu->timestamp_bits) - 1;
}

// Nanoseconds between two ticks of one submission; the counter may have wrapped round in between.
static double nanoseconds(const struct gpu *gpu, uint64_t begin, uint64_t end)
{
    return (double)((end - begin) & tick_mask(gpu)) * (double)gpu->vk_limits.timestampPeriod;
}

static void profile_segment(struct gpu_stream *stream, const struct gpu_segment *segment, const uint64_t *ticks)
{
    struct gpu *gpu = stream->gpu;
    for (uint32_t i = 0; i < segment->count; i++) {
        const double begin = (double)(ticks[i] & tick_mask(gpu)) * (double)gpu->vk_limits.timestampPeriod;
        gpu_profile_add(gpu, &stream->commands[segment->first + i], begin, nanoseconds(gpu, ticks[i], ticks[i + 1]));
    }
}

// Seconds of every segment; their sum is the stream's.
static void evaluate(struct gpu_stream *stream, const uint64_t *ticks, double *seconds)
{
    stream->seconds = 0;
    for (uint32_t s = 0; s < stream->segment_count; s++) {
        const struct gpu_segment *segment = &stream->segments[s];
        const uint64_t *own = ticks + segment->query;
        seconds[s] = 1e-9 * nanoseconds(stream->gpu, own[0], own[segment->query_count - 1]);
        stream->seconds += seconds[s];
        if (stream->gpu->profile) profile_segment(stream, segment, own);
    }
}

enum nephos_status gpu_measure(struct gpu_stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    struct gpu *gpu = stream->gpu;
    uint64_t *ticks = NULL;
    double *seconds = NULL;
    if (gpu->lost || !stream->queries || !stream->ticket || stream->measured || !gpu_done(gpu, stream->ticket)) return NEPHOS_OK;
    const struct gpu_segment *last = &stream->segments[stream->segment_count - 1];
    const uint32_t count = last->query + last->query_count;
    ticks = calloc(count, sizeof *ticks);
    seconds = calloc(stream->segment_count, sizeof *seconds);
    if (!ticks || !seconds) FAIL(gpu->log, NEPHOS_ERROR_MEMORY, "stream '%s': out of memory for %u timestamps", stream->label, count);
    VK(gpu, gpu->fn.vkGetQueryPoolResults(gpu->device, stream->queries, 0, count, count * sizeof *ticks, ticks, sizeof *ticks,
                                          VK_QUERY_RESULT_64_BIT | VK_QUERY_RESULT_WAIT_BIT));
    evaluate(stream, ticks, seconds);
    stream->measured = true;
    if (gpu_segments_adjust(stream, seconds)) {
        stream->replans++;
        TRY(gpu_replay_cut(stream));
        base_debug(gpu->log, "stream '%s': %.1f ms, now in %u submissions", stream->label, 1e3 * stream->seconds, stream->segment_count);
    }
fail:
    if (status != NEPHOS_OK) gpu_stream_poison(stream, status); // half of the command buffers may be missing
    free(ticks);
    free(seconds);
    return status;
}
