// SPDX-License-Identifier: MIT
#include "train/ranking.h"

#include <math.h>
#include <stdlib.h>

enum nephos_status ranking_create(struct nephos_log *log, uint32_t class_count, uint32_t capacity, struct ranking *ranking)
{
    *ranking = (struct ranking){.class_count = class_count, .capacity = capacity};
    ranking->images = calloc((size_t)class_count * capacity + 1, sizeof *ranking->images);
    return ranking->images ? NEPHOS_OK : base_fail(log, NEPHOS_ERROR_MEMORY, "ranking of %u images: out of memory", capacity);
}

void ranking_free(struct ranking *ranking)
{
    free(ranking->images);
    *ranking = (struct ranking){0};
}

void ranking_reset(struct ranking *ranking)
{
    ranking->image_count = 0;
}

void ranking_add(struct ranking *ranking, const float *scores, const float *presence)
{
    if (ranking->image_count == ranking->capacity) return;
    struct ranking_image *row = ranking->images + (size_t)ranking->image_count++ * ranking->class_count;
    for (uint32_t c = 0; c < ranking->class_count; c++) row[c] = (struct ranking_image){scores[c], presence[c] > 0.5f};
}

static int by_score(const void *a, const void *b)
{
    const float x = ((const struct ranking_image *)a)->score, y = ((const struct ranking_image *)b)->score;
    return (x < y) - (x > y); // highest first
}

// images[] of one class, highest score first; equal scores are one step of both curves.
static struct ranking_areas areas_of(const struct ranking_image *images, uint32_t count)
{
    uint32_t positives = 0;
    for (uint32_t i = 0; i < count; i++) positives += images[i].present;
    const double all = positives, none = count - positives;
    double hits = 0, misses = 0, pr = 0, roc = 0;
    for (uint32_t i = 0; i < count;) {
        double step_hits = 0, step_misses = 0;
        const float score = images[i].score;
        for (; i < count && images[i].score == score; i++) *(images[i].present ? &step_hits : &step_misses) += 1;
        roc += step_misses * (hits + step_hits / 2);
        hits += step_hits;
        misses += step_misses;
        pr += step_hits * hits / (hits + misses);
    }
    return (struct ranking_areas){all > 0 ? pr / all : NAN, all > 0 && none > 0 ? roc / (all * none) : NAN};
}

struct ranking_areas ranking_class(const struct ranking *ranking, uint32_t class_index)
{
    const uint32_t count = ranking->image_count;
    struct ranking_image *sorted = malloc(count * sizeof *sorted + 1);
    if (!sorted) return (struct ranking_areas){NAN, NAN};
    for (uint32_t i = 0; i < count; i++) sorted[i] = ranking->images[(size_t)i * ranking->class_count + class_index];
    qsort(sorted, count, sizeof *sorted, by_score);
    const struct ranking_areas areas = areas_of(sorted, count);
    free(sorted);
    return areas;
}

struct mean {
    double sum;
    uint32_t count;
};

static void add(struct mean *mean, double value)
{
    if (isnan(value)) return;
    mean->sum += value;
    mean->count++;
}

struct ranking_areas ranking_mean(const struct ranking *ranking)
{
    struct mean pr = {0}, roc = {0};
    for (uint32_t c = 0; c < ranking->class_count; c++) {
        const struct ranking_areas areas = ranking_class(ranking, c);
        add(&pr, areas.pr);
        add(&roc, areas.roc);
    }
    return (struct ranking_areas){pr.count ? pr.sum / pr.count : NAN, roc.count ? roc.sum / roc.count : NAN};
}
