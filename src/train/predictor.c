// SPDX-License-Identifier: MIT
#include "train/predictor.h"

#include "base/file.h"
#include "data/data.h"
#include "train/checkpoint.h"
#include "train/fit.h"
#include "train/precision.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_BATCH 8
#define MAX_BATCH 64 // beyond that a device is busy anyway, and only the host's memory grows

static enum nephos_status out_of_memory(struct nephos_log *log)
{
    return base_fail(log, NEPHOS_ERROR_MEMORY, "prediction: out of memory");
}

static enum nephos_status resolve(struct nephos_log *log, const char *path, char **file, char **folder)
{
    const bool is_folder = base_dir_exists(path);
    *file = is_folder ? base_format("%s/best.safetensors", path) : strdup(path);
    const char *slash = strrchr(path, '/');
    *folder = is_folder ? strdup(path) : slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    return *file && *folder ? NEPHOS_OK : out_of_memory(log);
}

static enum nephos_status load(struct predictor *p, const char *path)
{
    enum nephos_status status;
    struct safetensors *file = NULL;
    struct network *network = NULL;
    struct nephos_log *log = gpu_log(p->gpu);
    TRY(safetensors_open(log, path, &file));
    TRY(meta_read(file, &p->meta));
    const struct network_spec spec = meta_spec(&p->meta, NETWORK_PREDICT, 1);
    TRY(network_build(log, gpu_get_limits(p->gpu), &spec, &network));
    TRY(net_store_create(p->gpu, network->graph, &p->store));
    TRY(checkpoint_load(p->store, file, false));
    p->parameter_count = net_store_parameter_count(p->store);
fail:
    network_destroy(&network);
    safetensors_close(&file);
    return status;
}

enum nephos_status predictor_create(struct gpu *gpu, const char *path, struct predictor **predictor)
{
    struct predictor *created = calloc(1, sizeof *created);
    if (!created) return out_of_memory(gpu_log(gpu));
    created->gpu = gpu;
    enum nephos_status status = resolve(gpu_log(gpu), path, &created->file, &created->folder);
    if (status == NEPHOS_OK) status = load(created, created->file);
    if (status == NEPHOS_OK) *predictor = created;
    else predictor_destroy(&created);
    return status;
}

void predictor_destroy(struct predictor **predictor)
{
    if (!predictor || !*predictor) return;
    network_destroy(&(*predictor)->network);
    net_store_destroy(&(*predictor)->store);
    meta_free(&(*predictor)->meta);
    free((*predictor)->file);
    free((*predictor)->folder);
    free(*predictor);
    *predictor = NULL;
}

enum nephos_status predictor_set_precision(struct predictor *p, const char *precision)
{
    enum nephos_status status;
    enum train_precision wanted, chosen;
    TRY(precision_parse(gpu_log(p->gpu), "precision", precision, &wanted));
    TRY(precision_choose(p->gpu, wanted, &chosen));
    if (chosen != p->precision) network_destroy(&p->network);
    p->precision = chosen;
fail:
    return status;
}

static struct network_spec spec_for(const struct predictor *p, uint32_t batch)
{
    struct network_spec spec = meta_spec(&p->meta, NETWORK_PREDICT, batch);
    spec.precision = p->precision;
    spec.storage = precision_storage(p->gpu, TRAIN_AUTO, p->precision);
    return spec;
}

static bool batch_fits(void *user, uint32_t batch)
{
    const struct predictor *p = user;
    const struct gpu_limits *limits = gpu_get_limits(p->gpu);
    const struct network_spec spec = spec_for(p, batch);
    struct network *network = NULL;
    struct net_plan *plan = NULL;
    bool fits = network_build(NULL, limits, &spec, &network) == NEPHOS_OK;
    if (fits) fit_allow_for_variants(network->graph);
    fits = fits && net_plan_create(network->graph, &plan) == NEPHOS_OK && plan->arena_size <= fit_usable(limits->memory_budget);
    net_plan_destroy(&plan);
    network_destroy(&network);
    return fits;
}

enum nephos_status predictor_batch(const struct predictor *p, uint32_t wanted, uint32_t count, uint32_t *batch)
{
    uint32_t chosen = wanted ? wanted : DEFAULT_BATCH;
    if (wanted == NEPHOS_BATCH_AUTO) {
        chosen = fit_largest(batch_fits, (void *)p, count < MAX_BATCH ? count : MAX_BATCH);
        if (chosen == 0)
            return base_fail(gpu_log(p->gpu), NEPHOS_ERROR_MEMORY, "not even one image of %ux%u fits this device", p->meta.height,
                             p->meta.width);
        base_info(gpu_log(p->gpu), "batch auto: %u of %u images; %.1f MiB are free, an eighth is left alone", chosen, count,
                  (double)gpu_get_limits(p->gpu)->memory_budget / 1048576);
    }
    *batch = chosen < count ? chosen : count;
    return NEPHOS_OK;
}

enum nephos_status predictor_prepare(struct predictor *p, uint32_t batch)
{
    if (p->network && p->batch == batch) return NEPHOS_OK;
    network_destroy(&p->network);
    const struct network_spec spec = spec_for(p, batch);
    enum nephos_status status = network_build(gpu_log(p->gpu), gpu_get_limits(p->gpu), &spec, &p->network);
    if (status == NEPHOS_OK) status = network_prepare(p->network, p->gpu, p->store, NULL);
    if (status == NEPHOS_OK) p->batch = batch;
    else network_destroy(&p->network);
    return status;
}

enum nephos_status predictor_plane(const struct meta *meta, struct nephos_log *log, const float *probs, uint32_t class_index,
                                   uint32_t out_height, uint32_t out_width, float *plane)
{
    const size_t pixels = (size_t)meta->height * meta->width;
    float *small = malloc(pixels * sizeof *small);
    if (!small) return out_of_memory(log);
    for (size_t i = 0; i < pixels; i++) small[i] = probs[i * meta->class_count + class_index];
    data_resize_plane(small, meta->height, meta->width, plane, out_height, out_width);
    free(small);
    return NEPHOS_OK;
}

// best[i]: the highest probability so far, which is class winner[i]'s.
static void keep_best(const float *plane, size_t pixels, uint32_t class_index, float *best, uint8_t *winner)
{
    for (size_t i = 0; i < pixels; i++) {
        if (class_index != 0 && plane[i] <= best[i]) continue;
        best[i] = plane[i];
        winner[i] = (uint8_t)class_index;
    }
}

enum nephos_status predictor_masks(const struct meta *meta, struct nephos_log *log, const float *probs, float threshold,
                                   uint32_t out_height, uint32_t out_width, uint8_t *masks)
{
    const size_t pixels = (size_t)out_height * out_width;
    if (threshold <= 0) threshold = meta->threshold;
    float *plane = malloc(pixels * sizeof *plane), *best = malloc(pixels * sizeof *best);
    uint8_t *winner = malloc(pixels);
    enum nephos_status status = plane && best && winner ? NEPHOS_OK : out_of_memory(log);
    for (uint32_t c = 0; c < meta->class_count && status == NEPHOS_OK; c++) {
        status = predictor_plane(meta, log, probs, c, out_height, out_width, plane);
        if (status != NEPHOS_OK) break;
        if (meta->exclusive) keep_best(plane, pixels, c, best, winner);
        else
            for (size_t i = 0; i < pixels; i++) masks[c * pixels + i] = plane[i] >= threshold;
    }
    for (uint32_t c = 0; meta->exclusive && c < meta->class_count && status == NEPHOS_OK; c++) {
        for (size_t i = 0; i < pixels; i++) masks[c * pixels + i] = winner[i] == c;
    }
    free(plane);
    free(best);
    free(winner);
    return status;
}

const float *predictor_class_probs(const struct predictor *p, uint32_t slot, uint32_t image)
{
    if (p->network->class_probs == OP_NONE) return NULL;
    return (const float *)net_exec_output(p->network->exec, slot, p->network->class_probs) + (size_t)image * p->meta.class_count;
}

enum nephos_status predictor_veto(const struct meta *meta, struct nephos_log *log, const float *class_probs, float class_threshold,
                                  size_t pixels, uint8_t *masks)
{
    if (class_threshold <= 0) return NEPHOS_OK;
    if (!class_probs)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT,
                         "class threshold %g: the model has no classification head to compare with it; train one with --class-head",
                         (double)class_threshold);
    for (uint32_t c = 0; c < meta->class_count; c++) {
        if (class_probs[c] < class_threshold) memset(masks + c * pixels, 0, pixels);
    }
    return NEPHOS_OK;
}

void predictor_labels(const uint8_t *masks, uint32_t class_count, size_t pixels, bool exclusive, uint8_t *labels)
{
    memset(labels, exclusive ? 255 : 0, pixels);
    for (uint32_t c = 0; c < class_count; c++) {
        for (size_t i = 0; i < pixels; i++) {
            if (masks[c * pixels + i]) labels[i] = (uint8_t)(exclusive ? c : labels[i] | 1u << c);
        }
    }
}
