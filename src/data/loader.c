// SPDX-License-Identifier: MIT
// Streaming batches. The order is cut into groups, these into batches (struct position); batch b is built in slot b % prefetch.
// Workers take samples one by one in order; one that meets a slot still in use waits until the consumer has released it. So memory is
// bounded by the slots, and neither the order nor the content of batches depends on which worker was faster.
#include "data/data.h"

#include "base/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_THREADS 256

struct slot {
    struct data_batch batch; // first: data_loader_release gets a pointer to it
    uint64_t index;          // number of the batch that is or will be in here
    uint32_t missing;        // samples not finished yet
    bool held;               // by the consumer
    enum nephos_status status; // of the first sample that failed
    uint64_t failed_sample;
    char *message;
};

struct worker {
    struct data_loader *loader;
    struct nephos_log *log; // private: an error is reported when its batch is due, not when it happens
    pthread_t thread;
    char *message;
};

struct data_loader {
    struct nephos_log *log;
    struct data_loader_params params;
    uint32_t *order;
    uint64_t batch_count;
    struct slot *slots;
    struct worker *workers;
    uint32_t thread_count;
    bool has_mutex;

    pthread_mutex_t mutex; // guards what follows, and the slots
    pthread_cond_t released, finished;
    uint64_t next_sample; // of the order
    uint64_t next_batch;
    bool stop;
    double wait_seconds;
};

// --- one sample -------------------------------------------------------------------------------------------------------

// Takes over the calls that fail: keeps the message; passes everything else on.
static void on_worker_message(void *user, enum nephos_log_level level, const char *message)
{
    struct worker *worker = user;
    if (level == NEPHOS_LOG_ERROR) {
        free(worker->message);
        worker->message = strdup(message);
    } else if (level == NEPHOS_LOG_WARN) {
        base_warn(worker->loader->log, "%s", message);
    } else {
        base_debug(worker->loader->log, "%s", message);
    }
}

static void pack(const uint8_t *colours, uint32_t channels, const uint8_t *labels, size_t count, uint32_t *words)
{
    for (size_t i = 0; i < count; i++) {
        const uint8_t *c = colours + i * channels;
        uint32_t rgb = channels == 3 ? c[0] | (uint32_t)c[1] << 8 | (uint32_t)c[2] << 16 : c[0] * 0x010101u;
        words[i] = rgb | (labels ? (uint32_t)labels[i] << 24 : 0);
    }
}

static enum nephos_status load_labels(const struct worker *worker, uint32_t sample, const struct data_image *image, uint8_t *labels)
{
    const struct data_loader_params *params = &worker->loader->params;
    struct data_set set = *params->set; // the same set, but its messages go to this worker
    set.log = worker->log;
    uint8_t *full = malloc((size_t)image->full_height * image->full_width);
    if (!full) return base_fail(worker->log, NEPHOS_ERROR_MEMORY, "%s: no memory for its labels", set.samples[sample].path);
    enum nephos_status status = data_set_labels(&set, sample, image->full_height, image->full_width, full);
    if (status == NEPHOS_OK) data_resize_nearest(full, image->full_height, image->full_width, labels, params->height, params->width);
    free(full);
    return status;
}

static enum nephos_status load_sample(const struct worker *worker, uint32_t sample, struct data_batch *batch, uint32_t place)
{
    const struct data_loader_params *params = &worker->loader->params;
    const char *path = params->set->samples[sample].path;
    size_t count = (size_t)params->height * params->width;
    struct data_image image = {0};
    enum nephos_status status = NEPHOS_OK;
    uint8_t *scratch = malloc(4 * count); // colours, then labels
    uint8_t *labels = scratch ? scratch + 3 * count : NULL;
    if (!scratch) FAIL(worker->log, NEPHOS_ERROR_MEMORY, "%s: no memory to resize it", path);
    TRY(data_image_read(worker->log, path, params->height, params->width, &image));
    data_resize(image.pixels, image.height, image.width, image.channels, scratch, params->height, params->width);
    if (params->labels) TRY(load_labels(worker, sample, &image, labels));
    pack(scratch, image.channels, params->labels ? labels : NULL, count, batch->pixels + place * count);
    batch->samples[place] = sample;
    batch->full_height[place] = image.full_height;
    batch->full_width[place] = image.full_width;
fail:
    data_image_free(&image);
    free(scratch);
    return status;
}

// --- workers ----------------------------------------------------------------------------------------------------------

// Where a sample of the order goes.
struct position {
    uint64_t batch;
    uint32_t place;
};
static struct position position_of(const struct data_loader_params *params, uint64_t sample)
{
    const uint32_t batches = (params->group + params->batch - 1) / params->batch; // of a group
    const uint32_t inside = (uint32_t)(sample % params->group);
    return (struct position){sample / params->group * batches + inside / params->batch, inside % params->batch};
}

static uint32_t batch_samples(const struct data_loader_params *params, uint64_t batch)
{
    const uint32_t batches = (params->group + params->batch - 1) / params->batch;
    const uint32_t inside = (uint32_t)(batch % batches) * params->batch, of_group = params->group - inside;
    const uint64_t left = params->order_count - (batch / batches * params->group + inside);
    const uint32_t most = of_group < params->batch ? of_group : params->batch;
    return left < most ? (uint32_t)left : most;
}

static struct slot *slot_of(const struct data_loader *loader, uint64_t sample)
{
    return &loader->slots[position_of(&loader->params, sample).batch % loader->params.prefetch];
}

static void begin_batch(struct data_loader *loader, struct slot *slot, uint64_t index)
{
    slot->index = index;
    slot->missing = slot->batch.count = index < loader->batch_count ? batch_samples(&loader->params, index) : 0;
    slot->status = NEPHOS_OK;
    free(slot->message);
    slot->message = NULL;
}

// The next sample whose slot is free; false when there is none left or the loader closes. Called with the mutex held.
static bool take_sample(struct data_loader *loader, uint64_t *sample)
{
    for (;;) {
        if (loader->stop || loader->next_sample >= loader->params.order_count) return false;
        uint64_t batch = position_of(&loader->params, loader->next_sample).batch;
        if (loader->slots[batch % loader->params.prefetch].index == batch) break;
        pthread_cond_wait(&loader->released, &loader->mutex);
    }
    *sample = loader->next_sample++;
    return true;
}

// The network always sees whole batches: the last one repeats its last sample.
static void fill_up(const struct data_loader *loader, struct data_batch *batch)
{
    size_t count = (size_t)loader->params.height * loader->params.width;
    uint32_t last = batch->count - 1;
    for (uint32_t i = batch->count; i < loader->params.batch; i++) {
        memcpy(batch->pixels + i * count, batch->pixels + last * count, count * sizeof *batch->pixels);
        batch->samples[i] = batch->samples[last];
        batch->full_height[i] = batch->full_height[last];
        batch->full_width[i] = batch->full_width[last];
    }
}

// Called with the mutex held.
static void finish_sample(struct worker *worker, uint64_t sample, enum nephos_status status)
{
    struct data_loader *loader = worker->loader;
    struct slot *slot = slot_of(loader, sample);
    if (status != NEPHOS_OK && (slot->status == NEPHOS_OK || sample < slot->failed_sample)) {
        free(slot->message);
        slot->status = status;
        slot->failed_sample = sample;
        slot->message = worker->message;
        worker->message = NULL;
    }
    if (--slot->missing) return;
    if (slot->status == NEPHOS_OK) fill_up(loader, &slot->batch);
    pthread_cond_broadcast(&loader->finished);
}

static void *work(void *argument)
{
    struct worker *worker = argument;
    struct data_loader *loader = worker->loader;
    uint64_t sample;
    pthread_mutex_lock(&loader->mutex);
    while (take_sample(loader, &sample)) {
        struct slot *slot = slot_of(loader, sample);
        const uint32_t place = position_of(&loader->params, sample).place;
        pthread_mutex_unlock(&loader->mutex);
        enum nephos_status status = load_sample(worker, loader->order[sample], &slot->batch, place);
        pthread_mutex_lock(&loader->mutex);
        finish_sample(worker, sample, status);
    }
    pthread_mutex_unlock(&loader->mutex);
    return NULL;
}

// --- opening and closing ----------------------------------------------------------------------------------------------

static enum nephos_status check_params(struct nephos_log *log, const struct data_loader_params *params)
{
    uint64_t words;
    if (!params->batch || !params->height || !params->width)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "loader: batch %u, height %u, width %u must be positive", params->batch,
                         params->height, params->width);
    if (__builtin_mul_overflow((uint64_t)params->height * params->width, (uint64_t)params->batch * sizeof(uint32_t), &words) ||
        words > SIZE_MAX)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "loader: a batch of %u images of %u x %u pixels is too large", params->batch,
                         params->height, params->width);
    for (uint32_t i = 0; i < params->order_count; i++)
        if (params->order[i] >= params->set->sample_count)
            return base_fail(log, NEPHOS_ERROR_ARGUMENT, "loader: order[%u] is sample %u, but the set has %u", i, params->order[i],
                             params->set->sample_count);
    return NEPHOS_OK;
}

static uint32_t choose_threads(const struct data_loader_params *params)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t threads = params->threads ? params->threads : processors > 0 ? (uint32_t)processors : 1;
    if (threads > params->order_count) threads = params->order_count;
    return threads < MAX_THREADS ? threads : MAX_THREADS;
}

static enum nephos_status allocate(struct data_loader *loader)
{
    const struct data_loader_params *params = &loader->params;
    size_t count = (size_t)params->batch * params->height * params->width;
    loader->order = malloc(((size_t)params->order_count + 1) * sizeof *loader->order);
    loader->slots = calloc(params->prefetch, sizeof *loader->slots);
    loader->workers = calloc((size_t)choose_threads(params) + 1, sizeof *loader->workers);
    bool complete = loader->order && loader->slots && loader->workers;
    for (uint32_t i = 0; complete && i < params->prefetch; i++) {
        struct data_batch *batch = &loader->slots[i].batch;
        batch->pixels = malloc(count * sizeof *batch->pixels);
        batch->samples = malloc(3 * (size_t)params->batch * sizeof *batch->samples);
        complete = batch->pixels && batch->samples;
        if (!complete) break;
        batch->full_height = batch->samples + params->batch;
        batch->full_width = batch->full_height + params->batch;
        begin_batch(loader, &loader->slots[i], i);
    }
    if (!complete)
        return base_fail(loader->log, NEPHOS_ERROR_MEMORY, "loader: no memory for %u batches of %u images of %u x %u pixels",
                         params->prefetch, params->batch, params->height, params->width);
    if (params->order_count) memcpy(loader->order, params->order, params->order_count * sizeof *loader->order);
    return NEPHOS_OK;
}

static enum nephos_status start_workers(struct data_loader *loader)
{
    uint32_t threads = choose_threads(&loader->params);
    pthread_mutex_init(&loader->mutex, NULL);
    pthread_cond_init(&loader->released, NULL);
    pthread_cond_init(&loader->finished, NULL);
    loader->has_mutex = true;
    for (uint32_t i = 0; i < threads; i++) {
        struct worker *worker = &loader->workers[i];
        worker->loader = loader;
        enum nephos_status status = nephos_log_create(on_worker_message, worker, NEPHOS_LOG_DEBUG, &worker->log);
        if (status != NEPHOS_OK) return base_fail(loader->log, status, "loader: no memory for thread %u", i);
        int error = pthread_create(&worker->thread, NULL, work, worker);
        if (error) {
            nephos_log_destroy(&worker->log);
            return base_fail(loader->log, NEPHOS_ERROR, "loader: thread %u of %u can't be started: %s", i + 1, threads, strerror(error));
        }
        loader->thread_count++;
    }
    return NEPHOS_OK;
}

enum nephos_status data_loader_open(struct nephos_log *log, const struct data_loader_params *params, struct data_loader **loader)
{
    enum nephos_status status = check_params(log, params);
    if (status != NEPHOS_OK) return status;
    struct data_loader *opened = calloc(1, sizeof *opened);
    if (!opened) return base_fail(log, NEPHOS_ERROR_MEMORY, "loader: no memory");
    opened->log = log;
    opened->params = *params;
    opened->params.prefetch = params->prefetch == 0 ? 4 : params->prefetch < 2 ? 2 : params->prefetch;
    if (params->group == 0) opened->params.group = params->batch;
    if (params->order_count) opened->batch_count = position_of(&opened->params, params->order_count - 1).batch + 1;
    TRY(allocate(opened));
    TRY(start_workers(opened));
    *loader = opened;
    return NEPHOS_OK;
fail:
    data_loader_close(&opened);
    return status;
}

static void join_workers(struct data_loader *loader)
{
    pthread_mutex_lock(&loader->mutex);
    loader->stop = true;
    pthread_cond_broadcast(&loader->released);
    pthread_mutex_unlock(&loader->mutex);
    for (uint32_t i = 0; i < loader->thread_count; i++) {
        pthread_join(loader->workers[i].thread, NULL);
        nephos_log_destroy(&loader->workers[i].log);
        free(loader->workers[i].message);
    }
    pthread_cond_destroy(&loader->released);
    pthread_cond_destroy(&loader->finished);
    pthread_mutex_destroy(&loader->mutex);
}

void data_loader_close(struct data_loader **loader)
{
    if (!loader || !*loader) return;
    struct data_loader *closed = *loader;
    if (closed->has_mutex) join_workers(closed);
    for (uint32_t i = 0; closed->slots && i < closed->params.prefetch; i++) {
        free(closed->slots[i].batch.pixels);
        free(closed->slots[i].batch.samples);
        free(closed->slots[i].message);
    }
    free(closed->slots);
    free(closed->workers);
    free(closed->order);
    free(closed);
    *loader = NULL;
}

// --- the consumer's side ----------------------------------------------------------------------------------------------

// Called with the mutex held.
static void wait_for(struct data_loader *loader, const struct slot *slot)
{
    double start = base_clock();
    while (slot->missing) pthread_cond_wait(&loader->finished, &loader->mutex);
    loader->wait_seconds += base_clock() - start;
}

enum nephos_status data_loader_next(struct data_loader *loader, struct data_batch **batch)
{
    enum nephos_status status = NEPHOS_OK;
    *batch = NULL;
    pthread_mutex_lock(&loader->mutex);
    if (loader->next_batch < loader->batch_count) {
        struct slot *slot = &loader->slots[loader->next_batch % loader->params.prefetch];
        if (slot->held)
            FAIL(loader->log, NEPHOS_ERROR_ARGUMENT, "loader: batch %llu must be released before batch %llu can be asked for",
                 (unsigned long long)slot->index, (unsigned long long)loader->next_batch);
        wait_for(loader, slot);
        // The loader stays at a failed batch: every later call fails in the same way.
        if (slot->status != NEPHOS_OK) FAIL(loader->log, slot->status, "%s", slot->message ? slot->message : "loader: out of memory");
        slot->held = true;
        loader->next_batch++;
        *batch = &slot->batch;
    }
fail:
    pthread_mutex_unlock(&loader->mutex);
    return status;
}

void data_loader_release(struct data_loader *loader, struct data_batch *batch)
{
    struct slot *slot = (struct slot *)batch;
    pthread_mutex_lock(&loader->mutex);
    slot->held = false;
    begin_batch(loader, slot, slot->index + loader->params.prefetch);
    pthread_cond_broadcast(&loader->released);
    pthread_mutex_unlock(&loader->mutex);
}

double data_loader_wait_seconds(const struct data_loader *loader)
{
    struct data_loader *locked = (struct data_loader *)loader; // the mutex is no part of the value
    pthread_mutex_lock(&locked->mutex);
    double seconds = locked->wait_seconds;
    pthread_mutex_unlock(&locked->mutex);
    return seconds;
}
