// SPDX-License-Identifier: MIT
// The analysis as JSON; docs/formats.md describes the fields. Jansson keeps the order in which members are set.
#include "analyze/analyze.h"
#include "base/file.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *analyze_split_name(enum data_split split)
{
    static const char *const names[SPLITS] = {[DATA_TRAIN] = "train", [DATA_VAL] = "val", [DATA_TEST] = "test", [DATA_NONE] = "none"};
    return names[split];
}

static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *counts(const uint64_t *values, size_t size)
{
    json_t *array = json_array();
    for (size_t i = 0; i < size; i++)
        json_array_append_new(array, count(values[i]));
    return array;
}

static json_t *text(const char *value)
{
    json_t *string = json_string(value); // NULL where it is not UTF-8
    return string ? string : json_string("?");
}

static json_t *by_split(const uint64_t values[SPLITS])
{
    json_t *object = json_object();
    for (int s = 0; s < SPLITS; s++)
        json_object_set_new(object, analyze_split_name((enum data_split)s), count(values[s]));
    return object;
}

// --- images -----------------------------------------------------------------------------------------------------------

static json_t *images_json(const struct figures *figures)
{
    json_t *sizes = json_array();
    uint64_t splits[SPLITS];
    for (int s = 0; s < SPLITS; s++)
        splits[s] = figures->by_split[s];
    for (uint32_t i = 0; i < figures->size_count; i++) {
        const struct figures_size *size = &figures->sizes[i];
        json_array_append_new(sizes, json_pack("{s:I,s:I,s:I}", "height", (json_int_t)size->height, "width", (json_int_t)size->width,
                                               "images", (json_int_t)size->images));
    }
    return json_pack("{s:I,s:I,s:I,s:I,s:o,s:o,s:I}", "count", (json_int_t)figures->image_count, "readable", (json_int_t)figures->readable,
                     "labelled", (json_int_t)figures->labelled, "grey", (json_int_t)figures->grey, "by_split", by_split(splits), "sizes",
                     sizes, "images_of_other_sizes", (json_int_t)figures->other_sizes);
}

static json_t *rows_json(const struct source *source)
{
    if (!source->competition) return json_null();
    return json_pack("{s:I,s:I,s:I}", "count", (json_int_t)source->rows, "empty", (json_int_t)source->empty_rows, "missing",
                     (json_int_t)source->missing_rows);
}

static json_t *colours_json(const struct figures *figures)
{
    static const char *const names[CHANNELS] = {"red", "green", "blue", "brightness"};
    json_t *colours = json_object();
    for (int c = 0; c < CHANNELS; c++)
        json_object_set_new(colours, names[c],
                            json_pack("{s:o,s:o,s:o}", "mean", number(figures_mean(figures, (enum channel)c)), "deviation",
                                      number(figures_deviation(figures, (enum channel)c)), "levels", counts(figures->levels[c], LEVELS)));
    json_object_set_new(colours, "contrast", number(figures->readable ? figures->contrast / figures->readable : NAN));
    json_object_set_new(colours, "images_by_brightness", counts(figures->brightness, SHARE_BINS));
    return colours;
}

static json_t *black_json(const struct figures *figures)
{
    return json_pack("{s:i,s:o,s:I,s:o}", "level", BLACK_LEVEL, "share",
                     number(figures->readable ? figures->black_sum / figures->readable : NAN), "images_over_half",
                     (json_int_t)figures->half_black, "images_by_share", counts(figures->black, SHARE_BINS));
}

// --- classes ----------------------------------------------------------------------------------------------------------

static json_t *map_of_counts(const uint64_t cells[GRID_ROWS][GRID_COLUMNS])
{
    json_t *rows = json_array();
    for (int y = 0; y < GRID_ROWS; y++)
        json_array_append_new(rows, counts(cells[y], GRID_COLUMNS));
    return rows;
}

static json_t *map_of_means(const double cells[GRID_ROWS][GRID_COLUMNS], uint32_t images)
{
    json_t *rows = json_array();
    for (int y = 0; y < GRID_ROWS; y++) {
        json_t *row = json_array();
        for (int x = 0; x < GRID_COLUMNS; x++)
            json_array_append_new(row, number(images ? cells[y][x] / images : 0));
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *class_json(const struct analysis *analysis, uint32_t c)
{
    const struct figures *figures = analysis->figures;
    const struct figures_class *class = &figures->classes[c];
    const double images = class->images ? (double)class->images : NAN;
    json_t *object = json_object();
    json_object_set_new(object, "name", text(analysis->source.set->classes[c]));
    json_object_set_new(object, "images", count(class->images));
    json_object_set_new(object, "share_of_images", number(figures->labelled ? (double)class->images / figures->labelled : NAN));
    json_object_set_new(object, "by_split", by_split(class->by_split));
    json_object_set_new(object, "area_mean", number(class->area_sum / images));
    json_object_set_new(object, "area_median", number(class->area_median));
    json_object_set_new(object, "images_by_area", counts(class->areas, SHARE_BINS));
    json_object_set_new(object, "components_mean", number((double)class->component_count / images));
    json_object_set_new(object, "images_by_components", counts(class->components, COMPONENT_BINS));
    json_object_set_new(object, "centres", map_of_counts(class->centres));
    json_object_set_new(object, "cover", map_of_means(class->cover, figures->labelled));
    return object;
}

static json_t *classes_json(const struct analysis *analysis)
{
    json_t *array = json_array();
    for (uint32_t c = 0; c < analysis->figures->class_count; c++)
        json_array_append_new(array, class_json(analysis, c));
    return array;
}

static json_t *sets_json(const struct analysis *analysis)
{
    const struct figures *figures = analysis->figures;
    json_t *array = json_array();
    for (uint32_t i = 0; i < figures->set_count; i++) {
        json_t *names = json_array();
        for (uint32_t c = 0; c < figures->class_count; c++)
            if (figures->sets[i].bits[c / 64] >> c % 64 & 1) json_array_append_new(names, text(analysis->source.set->classes[c]));
        json_array_append_new(array, json_pack("{s:o,s:I}", "classes", names, "images", (json_int_t)figures->sets[i].images));
    }
    return array;
}

static json_t *together_json(const struct figures *figures)
{
    json_t *rows = json_array();
    for (uint32_t c = 0; c < figures->class_count; c++)
        json_array_append_new(rows, counts(figures->together + (size_t)c * figures->class_count, figures->class_count));
    return rows;
}

// --- what is wrong ----------------------------------------------------------------------------------------------------

static json_t *twins_json(const struct analysis *analysis)
{
    const struct twins *twins = &analysis->twins;
    const struct data_sample *samples = analysis->source.set->samples;
    json_t *pairs = json_array();
    for (uint32_t i = 0; i < twins->count; i++) {
        const struct twin *twin = &twins->items[i];
        const struct data_sample *a = &samples[twin->a], *b = &samples[twin->b];
        json_array_append_new(pairs,
                              json_pack("{s:o,s:o,s:s,s:s,s:b,s:b,s:I,s:o}", "a", text(a->name), "b", text(b->name), "split_a",
                                        analyze_split_name(a->split), "split_b", analyze_split_name(b->split), "identical", twin->identical,
                                        "leak", twin->leak, "distance", (json_int_t)twin->distance, "likeness", number(twin->likeness)));
    }
    return json_pack("{s:I,s:I,s:I,s:I,s:o}", "distance", (json_int_t)analysis->distance, "identical", (json_int_t)twins->identical, "near",
                     (json_int_t)twins->near, "leaks", (json_int_t)twins->leaks, "pairs", pairs);
}

static json_t *defects_json(const struct defects *defects)
{
    json_t *kinds = json_object(), *list = json_array();
    for (int k = 0; k < DEFECT_KINDS; k++)
        json_object_set_new(kinds, defect_name((enum defect_kind)k), count(defects->counts[k]));
    for (size_t i = 0; i < defects->count; i++) {
        const struct defect *defect = &defects->items[i];
        json_array_append_new(list, json_pack("{s:s,s:b,s:o,s:o,s:o}", "kind", defect_name(defect->kind), "error",
                                              defect_is_error(defect->kind), "file", text(defect->file), "line",
                                              defect->line ? count(defect->line) : json_null(), "text", text(defect->text)));
    }
    return json_pack("{s:I,s:I,s:o,s:o}", "errors", (json_int_t)defects_errors(defects), "warnings", (json_int_t)defects_warnings(defects),
                     "kinds", kinds, "list", list);
}

static const char *layout_name(const struct source *source)
{
    return source->competition ? "competition" : source->set->exclusive ? "masks" : "masks_bits";
}

static json_t *document(const struct analysis *analysis)
{
    const struct source *source = &analysis->source;
    const struct figures *figures = analysis->figures;
    json_t *root = json_object();
    json_object_set_new(root, "format", json_string("nephos-analysis-1"));
    json_object_set_new(root, "data", text(source->set->root));
    json_object_set_new(root, "layout", json_string(layout_name(source)));
    json_object_set_new(root, "images", images_json(figures));
    json_object_set_new(root, "rows", rows_json(source));
    json_object_set_new(root, "classes", classes_json(analysis));
    json_object_set_new(root, "masks_per_image", counts(figures->masks_per_image, figures->class_count + 1));
    json_object_set_new(root, "class_sets", sets_json(analysis));
    json_object_set_new(root, "images_of_other_sets", count(figures->other_sets));
    json_object_set_new(root, "together", together_json(figures));
    json_object_set_new(root, "ignored_share", number(figures->pixels ? (double)figures->ignored / (double)figures->pixels : NAN));
    json_object_set_new(root, "colours", colours_json(figures));
    json_object_set_new(root, "black", black_json(figures));
    json_object_set_new(root, "duplicates", twins_json(analysis));
    return json_object_set_new(root, "defects", defects_json(&source->defects)) == 0 ? root : NULL;
}

enum nephos_status analyze_json(struct nephos_log *log, const struct analysis *analysis, const char *path)
{
    json_t *root = document(analysis);
    char *bytes = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(10)) : NULL;
    json_decref(root);
    if (!bytes) return base_fail(log, NEPHOS_ERROR_MEMORY, "%s: out of memory", path);
    const enum nephos_status status = base_file_write(log, path, bytes, strlen(bytes));
    free(bytes);
    return status;
}
