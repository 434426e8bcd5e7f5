// SPDX-License-Identifier: MIT
// folds.csv and folds.json. Pooled: over all images, each judged by the network that has not seen it.
#include "train/cross.h"

#include "base/file.h"
#include "report/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct result {
    struct tally *folds; // class_count 0: not trained yet
    uint32_t count, done;
    struct tally pooled;
};
static const struct measure {
    const char *name;
    double (*of)(const struct tally *tally);
} measures[] = {{"dice", tally_dice}, {"iou", tally_mean_iou}, {"accuracy", tally_accuracy}, {"predict_nothing", tally_predict_nothing}};

static void pool(struct tally *sum, const struct tally *tally)
{
    sum->image_count += tally->image_count;
    for (uint32_t c = 0; c < sum->class_count; c++) {
        struct tally_class *to = &sum->classes[c];
        const struct tally_class *from = &tally->classes[c];
        to->tp += from->tp;
        to->fp += from->fp;
        to->fn += from->fn;
        to->tn += from->tn;
        to->dice += from->dice;
        to->empty += from->empty;
    }
}

static enum nephos_status read_fold(struct nephos_log *log, const char *out, uint32_t fold, const struct tally *shape,
                                    struct result *result)
{
    enum nephos_status status = NEPHOS_OK;
    struct tally *tally = &result->folds[fold];
    char *path = base_format("%s/fold-%u/score.txt", out, fold + 1), *text = NULL;
    size_t size;
    if (!path) FAIL(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", out);
    if (!base_file_exists(path)) goto fail;
    TRY(base_file_read(log, path, 1u << 20, &text, &size));
    TRY(tally_create(log, shape->class_count, shape->exclusive, tally));
    if (!tally_parse(tally, text)) FAIL(log, NEPHOS_ERROR_DATA, "%s: not the score of a fold with %u classes", path, shape->class_count);
    pool(&result->pooled, tally);
    result->done++;
fail:
    free(path);
    free(text);
    return status;
}

static double mean(const struct result *result, const struct measure *measure)
{
    double sum = 0;
    for (uint32_t i = 0; i < result->count; i++)
        if (result->folds[i].class_count) sum += measure->of(&result->folds[i]);
    return sum / result->done;
}

// Of a sample: over one less than there are folds; NAN of a single one.
static double deviation(const struct result *result, const struct measure *measure)
{
    double sum = 0;
    const double middle = mean(result, measure);
    for (uint32_t i = 0; i < result->count; i++) {
        const double off = result->folds[i].class_count ? measure->of(&result->folds[i]) - middle : 0;
        sum += off * off;
    }
    return result->done > 1 ? sqrt(sum / (result->done - 1)) : NAN;
}

static void add_value(struct text *text, const char *before, double value, const char *none)
{
    text_add(text, "%s", before);
    if (isnan(value))
        text_add(text, "%s", none);
    else
        text_add(text, "%.6f", value);
}

static void add_row(struct text *text, const char *name, const struct tally *tally)
{
    text_add(text, "%s,%llu", name, (unsigned long long)tally->image_count);
    for (size_t m = 0; m < ARRAY_COUNT(measures); m++)
        add_value(text, ",", measures[m].of(tally), "nan");
    text_add(text, "\n");
}

static void add_csv(struct text *text, const struct result *result)
{
    char name[16];
    text_add(text, "fold,images");
    for (size_t m = 0; m < ARRAY_COUNT(measures); m++)
        text_add(text, ",%s", measures[m].name);
    text_add(text, "\n");
    for (uint32_t i = 0; i < result->count; i++) {
        snprintf(name, sizeof name, "%u", i + 1);
        if (result->folds[i].class_count) add_row(text, name, &result->folds[i]);
    }
    text_add(text, "mean,");
    for (size_t m = 0; m < ARRAY_COUNT(measures); m++)
        add_value(text, ",", mean(result, &measures[m]), "nan");
    text_add(text, "\ndeviation,");
    for (size_t m = 0; m < ARRAY_COUNT(measures); m++)
        add_value(text, ",", deviation(result, &measures[m]), "nan");
    text_add(text, "\n");
    add_row(text, "pooled", &result->pooled);
}

static void add_object(struct text *text, const struct tally *tally)
{
    text_add(text, "{\"images\": %llu", (unsigned long long)tally->image_count);
    for (size_t m = 0; m < ARRAY_COUNT(measures); m++) {
        text_add(text, ", \"%s\"", measures[m].name);
        add_value(text, ": ", measures[m].of(tally), "null");
    }
    text_add(text, ", \"class_dice\": [");
    for (uint32_t c = 0; c < tally->class_count; c++)
        add_value(text, c ? ", " : "", tally->classes[c].dice / (double)tally->image_count, "null");
    text_add(text, "]}");
}

static void add_json(struct text *text, const struct result *result)
{
    bool first = true;
    text_add(text, "{\n  \"folds\": {");
    for (uint32_t i = 0; i < result->count; i++) {
        if (!result->folds[i].class_count) continue;
        text_add(text, "%s\n    \"%u\": ", first ? "" : ",", i + 1);
        add_object(text, &result->folds[i]);
        first = false;
    }
    text_add(text, "\n  },\n  \"pooled\": ");
    add_object(text, &result->pooled);
    text_add(text, "\n}\n");
}

static enum nephos_status write(struct nephos_log *log, const char *out, const char *name, const struct result *result,
                                void (*add)(struct text *, const struct result *))
{
    struct text text = {0};
    char *path = base_format("%s/%s", out, name);
    add(&text, result);
    const enum nephos_status status = path && !text.failed ? base_file_write(log, path, text.bytes, text.size)
                                                           : base_fail(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", out);
    text_free(&text);
    free(path);
    return status;
}

enum nephos_status cross_report(struct nephos_log *log, const char *out, uint32_t folds, const struct tally *shape)
{
    enum nephos_status status;
    struct result result = {.count = folds, .folds = calloc(folds, sizeof *result.folds)};
    if (!result.folds) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", out);
    TRY(tally_create(log, shape->class_count, shape->exclusive, &result.pooled));
    for (uint32_t i = 0; i < folds; i++)
        TRY(read_fold(log, out, i, shape, &result));
    TRY(write(log, out, "folds.csv", &result, add_csv));
    TRY(write(log, out, "folds.json", &result, add_json));
    base_info(log, "%u of %u folds: Dice %.4f, pooled %.4f", result.done, folds, mean(&result, &measures[0]), tally_dice(&result.pooled));
fail:
    for (uint32_t i = 0; i < folds; i++)
        tally_free(&result.folds[i]);
    free(result.folds);
    tally_free(&result.pooled);
    return status;
}
