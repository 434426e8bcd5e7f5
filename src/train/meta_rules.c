// SPDX-License-Identifier: MIT
// The rules in a model file: metadata "rules", a line per class: threshold, class threshold, least area, shape, 1 where holes are filled.
#include "base/file.h"
#include "base/number.h"
#include "train/meta.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define KEY "rules"

static enum nephos_status out_of_memory(struct nephos_log *log)
{
    return base_fail(log, NEPHOS_ERROR_MEMORY, "rules of a model: out of memory");
}

// "0.55 0.3 1966 convex 1" up to a line's end.
static bool parse_rule(const char *line, struct post_rule *rule)
{
    char *end, shape[16];
    int length = 0, filled;
    rule->threshold = (float)base_parse_double(line, &end);
    rule->class_threshold = (float)base_parse_double(end, &end);
    if (*end != ' ' || !base_parse_digits(end + 1, &end, &rule->min_area)) return false;
    if (sscanf(end, " %15s %1d%n", shape, &filled, &length) != 2 || (end[length] && end[length] != '\n')) return false;
    rule->fill_holes = filled;
    return rule->threshold > 0 && rule->threshold < 1 && rule->class_threshold >= 0 && rule->class_threshold < 1 &&
           rule->min_area <= UINT32_MAX && (filled == 0 || filled == 1) && post_shape_parse(NULL, shape, &rule->shape) == NEPHOS_OK;
}

enum nephos_status meta_rules_read(const struct safetensors *file, struct meta *meta)
{
    const char *text = safetensors_metadata(file, KEY), *at = text;
    if (!text) return NEPHOS_OK;
    if (meta->exclusive)
        return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata '" KEY "' of a model whose classes exclude each other", file->path);
    meta->rules = calloc(meta->class_count, sizeof *meta->rules);
    if (!meta->rules) return out_of_memory(file->log);
    for (uint32_t c = 0; c < meta->class_count; c++) {
        meta->rules[c].frame = (uint64_t)meta->height * meta->width;
        const char *line_end = at + strcspn(at, "\n");
        const bool last = c + 1 == meta->class_count;
        if (!parse_rule(at, &meta->rules[c]) || last != (*line_end == '\0'))
            return base_fail(file->log, NEPHOS_ERROR_DATA,
                             "%s: metadata '" KEY "', line %u of %u: '%.*s' is no rule; a line per class says threshold, class threshold, "
                             "least area, shape, 0 or 1",
                             file->path, c + 1, meta->class_count, (int)(line_end - at), at);
        at = line_end + 1;
    }
    return NEPHOS_OK;
}

static char *format_rules(const struct post_rule *rules, uint32_t count)
{
    char *text = strdup("");
    for (uint32_t c = 0; text && c < count; c++) {
        const struct post_rule *r = &rules[c];
        char *longer = base_format("%s%s%.9g %.9g %" PRIu64 " %s %d", text, c ? "\n" : "", (double)r->threshold, (double)r->class_threshold,
                                   r->min_area, post_shape_name(r->shape), r->fill_holes);
        free(text);
        text = longer;
    }
    return text;
}

// All of the file, with `rules` in place of what it has under that key.
static enum nephos_status rewrite(struct nephos_log *log, const struct safetensors *file, const char *rules)
{
    struct safetensors_tensor *tensors = calloc((size_t)file->entry_count + 1, sizeof *tensors);
    const char **metadata = calloc(2 * ((size_t)file->metadata_count + 1), sizeof *metadata);
    enum nephos_status status = tensors && metadata ? NEPHOS_OK : out_of_memory(log);
    uint32_t count = 0;
    for (uint32_t i = 0; status == NEPHOS_OK && i < file->entry_count; i++) {
        const struct safetensors_entry *e = &file->entries[i];
        tensors[i] = (struct safetensors_tensor){.name = e->name, .dtype = e->dtype, .rank = e->rank, .data = file->data + e->offset};
        memcpy(tensors[i].shape, e->shape, sizeof e->shape);
    }
    for (uint32_t i = 0; status == NEPHOS_OK && i < file->metadata_count; i++) {
        if (strcmp(file->metadata[2 * i], KEY) == 0) continue;
        memcpy(&metadata[2 * count++], &file->metadata[2 * i], 2 * sizeof *metadata);
    }
    if (status == NEPHOS_OK) {
        metadata[2 * count] = KEY;
        metadata[2 * count + 1] = rules;
        status = safetensors_write(log, file->path, tensors, file->entry_count, metadata, count + 1);
    }
    free(tensors);
    free(metadata);
    return status;
}

enum nephos_status meta_rules_store(struct nephos_log *log, const char *path, const struct post_rule *rules, uint32_t class_count)
{
    struct safetensors *file = NULL;
    char *text = format_rules(rules, class_count);
    if (!text) return out_of_memory(log);
    enum nephos_status status = safetensors_open(log, path, &file);
    if (status == NEPHOS_OK) status = rewrite(log, file, text);
    safetensors_close(&file);
    free(text);
    return status;
}
