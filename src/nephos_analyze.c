// SPDX-License-Identifier: MIT
// Public entry point: what a data set consists of and what is wrong with it.
#include "analyze/analyze.h"
#include "analyze/stream.h"
#include "base/clock.h"

#include <math.h>

enum { DEFAULT_DISTANCE = 6, DEFAULT_SAMPLES = 12, MOST_SAMPLES = 200 };

struct run {
    struct nephos_log *log;
    struct analysis *analysis;
    nephos_progress_fn progress;
    void *user;
    double began;
};

static enum nephos_status take(void *user, uint32_t sample, struct measure *measure)
{
    struct run *run = user;
    const struct data_set *set = run->analysis->source.set;
    const enum nephos_status status = figures_add(run->log, run->analysis->figures, set, sample, measure);
    defects_move(&run->analysis->source.defects, &measure->defects);
    if (status != NEPHOS_OK || !run->progress) return status;
    const struct nephos_progress report = {
        .phase = NEPHOS_PHASE_ANALYZE, .done = sample + 1u, .total = set->sample_count, .seconds = base_clock() - run->began, .loss = NAN};
    return run->progress(run->user, &report) ? NEPHOS_OK : NEPHOS_INTERRUPTED;
}

// Where nearly all images share a size, the others are worth a look.
static void find_odd_sizes(struct analysis *analysis)
{
    const struct figures *figures = analysis->figures;
    const struct figures_size *usual = &figures->sizes[0];
    const struct data_set *set = analysis->source.set;
    if (figures->size_count < 2 || usual->images * 10 < (uint64_t)figures->readable * 9) return;
    for (uint32_t i = 0; i < figures->image_count; i++) {
        const struct figures_image *image = &figures->images[i];
        if (!image->height || (image->height == usual->height && image->width == usual->width)) continue;
        defects_add(&analysis->source.defects, DEFECT_ODD_SIZE, measure_relative(set, set->samples[i].path), 0,
                    "is %u x %u, most are %u x %u (height x width)", image->height, image->width, usual->height, usual->width);
    }
}

static void add_leaks(struct analysis *analysis)
{
    const struct data_set *set = analysis->source.set;
    for (uint32_t i = 0; i < analysis->twins.count; i++) {
        const struct twin *twin = &analysis->twins.items[i];
        const struct data_sample *a = &set->samples[twin->a], *b = &set->samples[twin->b];
        if (!twin->leak) continue;
        defects_add(&analysis->source.defects, DEFECT_LEAK, measure_relative(set, a->path), 0, "of %s, is %s %s of %s",
                    analyze_split_name(a->split), twin->identical ? "identical to" : "nearly the same as", b->name,
                    analyze_split_name(b->split));
    }
}

static enum nephos_status analyze(struct run *run, const struct nephos_analyze_params *params)
{
    struct analysis *analysis = run->analysis;
    enum nephos_status status = NEPHOS_OK;
    TRY(source_open(run->log, params->data, &analysis->source));
    TRY(figures_create(run->log, analysis->source.set, &analysis->figures));
    run->began = base_clock();
    TRY(stream_run(run->log, analysis->source.set, params->threads, take, run));
    figures_end(analysis->figures);
    TRY(twins_find(run->log, analysis->source.set, analysis->figures, analysis->distance, &analysis->twins));
    find_odd_sizes(analysis);
    add_leaks(analysis);
    if (analysis->source.defects.failed) FAIL(run->log, NEPHOS_ERROR_MEMORY, "%s: out of memory for its defects", params->data);
    if (params->html) TRY(analyze_page(run->log, analysis, params->html));
    if (params->json) TRY(analyze_json(run->log, analysis, params->json));
fail:
    return status;
}

static void summarize(const struct analysis *analysis, struct nephos_analysis *result)
{
    const struct figures *figures = analysis->figures;
    *result = (struct nephos_analysis){
        .images = figures->image_count,
        .unreadable = figures->image_count - figures->readable,
        .rows = analysis->source.rows,
        .empty_rows = analysis->source.empty_rows,
        .identical = analysis->twins.identical,
        .near = analysis->twins.near,
        .leaks = analysis->twins.leaks,
        .errors = defects_errors(&analysis->source.defects),
        .warnings = defects_warnings(&analysis->source.defects),
    };
    for (uint32_t c = 0; c < figures->class_count; c++)
        result->masks += figures->classes[c].images;
}

enum nephos_status nephos_analyze(struct nephos_log *log, const struct nephos_analyze_params *params, nephos_progress_fn progress,
                                  void *user, struct nephos_analysis *result)
{
    if (!params || !params->data || !*params->data) return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_analyze: no data to analyze");
    if (params->near > TWINS_DISTANCE)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_analyze: near-duplicates with hashes that differ in %u bits; at most %d",
                         params->near, TWINS_DISTANCE);
    if (params->samples > MOST_SAMPLES)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "nephos_analyze: %u sample images; at most %d", params->samples, MOST_SAMPLES);
    struct analysis analysis = {.distance = params->near ? params->near : DEFAULT_DISTANCE,
                                .samples = params->samples ? params->samples : DEFAULT_SAMPLES};
    struct run run = {.log = log, .analysis = &analysis, .progress = progress, .user = user};
    const enum nephos_status status = analyze(&run, params);
    if (status == NEPHOS_OK && result) summarize(&analysis, result);
    twins_free(&analysis.twins);
    figures_destroy(&analysis.figures);
    source_close(&analysis.source);
    return status;
}
