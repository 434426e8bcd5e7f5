// SPDX-License-Identifier: MIT
// Sample i is measured in slot i % slot_count; a worker that meets a slot still in use waits. So memory is bounded by the slots, and what
// comes out does not depend on which worker was faster.
#include "analyze/stream.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_THREADS = 256 };

struct slot {
    struct measure measure;
    bool ready;
    enum nephos_status status;
};
struct worker {
    struct stream *stream;
    struct nephos_log *quiet;
    pthread_t thread;
    bool started;
};
struct stream {
    struct nephos_log *log;
    const struct data_set *set;
    struct slot *slots;
    struct worker *workers;
    uint32_t slot_count, thread_count;
    pthread_mutex_t mutex; // guards what follows, and `ready`
    pthread_cond_t changed;
    uint32_t next, taken; // samples begun, and consumed
    bool stop;
};

// The next sample for a worker, once its slot is free; false at the end.
static bool begin_sample(struct stream *stream, uint32_t *sample)
{
    pthread_mutex_lock(&stream->mutex);
    while (!stream->stop && stream->next < stream->set->sample_count && stream->next - stream->taken >= stream->slot_count)
        pthread_cond_wait(&stream->changed, &stream->mutex);
    const bool more = !stream->stop && stream->next < stream->set->sample_count;
    if (more) *sample = stream->next++;
    pthread_mutex_unlock(&stream->mutex);
    return more;
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct stream *stream = worker->stream;
    struct data_set set = *stream->set; // the same set, but its messages go to this worker
    set.log = worker->quiet;
    uint32_t sample;
    while (begin_sample(stream, &sample)) {
        struct slot *slot = &stream->slots[sample % stream->slot_count];
        slot->status = measure_sample(&set, sample, &slot->measure);
        pthread_mutex_lock(&stream->mutex);
        slot->ready = true;
        pthread_cond_broadcast(&stream->changed);
        pthread_mutex_unlock(&stream->mutex);
    }
    return NULL;
}

static enum nephos_status take_all(struct stream *stream, stream_fn take, void *user)
{
    for (uint32_t i = 0; i < stream->set->sample_count; i++) {
        struct slot *slot = &stream->slots[i % stream->slot_count];
        pthread_mutex_lock(&stream->mutex);
        while (!slot->ready)
            pthread_cond_wait(&stream->changed, &stream->mutex);
        pthread_mutex_unlock(&stream->mutex);
        if (slot->status != NEPHOS_OK) return base_fail(stream->log, slot->status, "%s: out of memory", stream->set->samples[i].path);
        const enum nephos_status status = take(user, i, &slot->measure);
        if (status != NEPHOS_OK) return status;
        pthread_mutex_lock(&stream->mutex);
        slot->ready = false;
        stream->taken = i + 1;
        pthread_cond_broadcast(&stream->changed);
        pthread_mutex_unlock(&stream->mutex);
    }
    return NEPHOS_OK;
}

static uint32_t choose_threads(uint32_t wanted, uint32_t samples)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t threads = wanted ? wanted : processors > 0 ? (uint32_t)processors : 1;
    if (threads > MAX_THREADS) threads = MAX_THREADS;
    return threads < samples ? threads : samples;
}

static enum nephos_status start(struct stream *stream)
{
    enum nephos_status status = NEPHOS_OK;
    stream->slots = calloc(stream->slot_count, sizeof *stream->slots);
    stream->workers = calloc(stream->thread_count, sizeof *stream->workers);
    if (!stream->slots || !stream->workers) FAIL(stream->log, NEPHOS_ERROR_MEMORY, "out of memory for %u threads", stream->thread_count);
    for (uint32_t i = 0; i < stream->slot_count; i++)
        TRY(measure_create(stream->log, stream->set->class_count, &stream->slots[i].measure));
    for (uint32_t i = 0; i < stream->thread_count; i++) {
        struct worker *worker = &stream->workers[i];
        worker->stream = stream;
        TRY(nephos_log_create(NULL, NULL, NEPHOS_LOG_ERROR, &worker->quiet));
        worker->started = pthread_create(&worker->thread, NULL, work, worker) == 0;
        if (!worker->started) FAIL(stream->log, NEPHOS_ERROR_MEMORY, "thread %u of %u can't be started", i + 1, stream->thread_count);
    }
fail:
    return status;
}

static void finish(struct stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    stream->stop = true;
    pthread_cond_broadcast(&stream->changed);
    pthread_mutex_unlock(&stream->mutex);
    for (uint32_t i = 0; stream->workers && i < stream->thread_count; i++) {
        if (stream->workers[i].started) pthread_join(stream->workers[i].thread, NULL);
        nephos_log_destroy(&stream->workers[i].quiet);
    }
    for (uint32_t i = 0; stream->slots && i < stream->slot_count; i++)
        measure_free(&stream->slots[i].measure);
    free(stream->slots);
    free(stream->workers);
    pthread_mutex_destroy(&stream->mutex);
    pthread_cond_destroy(&stream->changed);
}

enum nephos_status stream_run(struct nephos_log *log, const struct data_set *set, uint32_t threads, stream_fn take, void *user)
{
    if (set->sample_count == 0) return NEPHOS_OK;
    struct stream stream = {.log = log, .set = set, .thread_count = choose_threads(threads, set->sample_count)};
    stream.slot_count = 2 * stream.thread_count;
    pthread_mutex_init(&stream.mutex, NULL);
    pthread_cond_init(&stream.changed, NULL);
    enum nephos_status status = start(&stream);
    if (status == NEPHOS_OK) status = take_all(&stream, take, user);
    finish(&stream);
    return status;
}
