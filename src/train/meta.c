// SPDX-License-Identifier: MIT
#include "train/meta.h"

#include "base/file.h"
#include "base/number.h"
#include "data/data.h"

#include <stdlib.h>
#include <string.h>

#define FORMAT "nephos-1"
#define KEY_COUNT 12

void meta_free(struct meta *meta)
{
    free(meta->arch);
    free(meta->encoder);
    for (uint32_t i = 0; meta->classes && i < meta->class_count; i++) free(meta->classes[i]);
    free(meta->classes);
    free(meta->rules);
    *meta = (struct meta){0};
}

static enum nephos_status out_of_memory(struct nephos_log *log)
{
    return base_fail(log, NEPHOS_ERROR_MEMORY, "model description: out of memory");
}

enum nephos_status meta_make(struct nephos_log *log, const struct train_settings *settings, const char *const *classes,
                             uint32_t class_count, bool exclusive, struct meta *meta)
{
    static const float imagenet_mean[3] = {0.485f, 0.456f, 0.406f}, imagenet_std[3] = {0.229f, 0.224f, 0.225f};
    *meta = (struct meta){
        .arch = strdup("unet"),
        .encoder = strdup(settings->encoder),
        .encoder_width = settings->encoder_width,
        .height = settings->height,
        .width = settings->width,
        .classes = calloc(class_count, sizeof(char *)),
        .class_count = class_count,
        .exclusive = exclusive,
        .class_head = settings->class_head > 0,
        .threshold = settings->threshold,
    };
    memcpy(meta->mean, imagenet_mean, sizeof meta->mean);
    memcpy(meta->std, imagenet_std, sizeof meta->std);
    bool complete = meta->arch && meta->encoder && meta->classes;
    for (uint32_t i = 0; complete && i < class_count; i++) complete = (meta->classes[i] = strdup(classes[i])) != NULL;
    if (complete) return NEPHOS_OK;
    meta_free(meta);
    return out_of_memory(log);
}

// --- reading ----------------------------------------------------------------------------------------------------------

static enum nephos_status text_of(const struct safetensors *file, const char *key, const char **text)
{
    *text = safetensors_metadata(file, key);
    if (*text) return NEPHOS_OK;
    return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: no '%s' in its metadata: not a model file of nephos", file->path, key);
}

static enum nephos_status count_of(const struct safetensors *file, const char *key, uint32_t least, uint32_t most, uint32_t *value)
{
    const char *text;
    const enum nephos_status status = text_of(file, key, &text);
    if (status != NEPHOS_OK) return status;
    uint64_t number;
    if (!base_parse_count(text, most, &number) || number < least)
        return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata '%s' is '%s', not a number in %u..%u", file->path, key, text, least,
                         most);
    *value = (uint32_t)number;
    return NEPHOS_OK;
}

static enum nephos_status floats_of(const struct safetensors *file, const char *key, uint32_t count, float *values)
{
    const char *text;
    const enum nephos_status status = text_of(file, key, &text);
    if (status != NEPHOS_OK) return status;
    const char *at = text;
    for (uint32_t i = 0; i < count; i++) {
        char *end;
        values[i] = (float)base_parse_double(at, &end);
        if (end == at || !(values[i] >= 0 && values[i] <= 1000))
            return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata '%s' is '%s', not %u numbers", file->path, key, text, count);
        at = end;
    }
    return NEPHOS_OK;
}

// Class names are separated by line ends: no other character is safe in them.
static enum nephos_status classes_of(const struct safetensors *file, struct meta *meta)
{
    const char *text;
    const enum nephos_status status = text_of(file, "classes", &text);
    if (status != NEPHOS_OK) return status;
    uint32_t count = 1;
    for (const char *at = text; *at; at++) count += *at == '\n';
    if (!*text || count > 255)
        return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: %u classes, a model has 1 to 255", file->path, *text ? count : 0);
    meta->classes = calloc(count, sizeof(char *));
    if (!meta->classes) return out_of_memory(file->log);
    for (const char *at = text; meta->class_count < count; at += strcspn(at, "\n") + 1) {
        char *name = strndup(at, strcspn(at, "\n"));
        if (!name) return out_of_memory(file->log);
        meta->classes[meta->class_count++] = name;
        if (!data_class_name_allowed(name)) // it would lead predictions out of their folder
            return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata 'classes': \"%s\" is no class name", file->path, name);
    }
    return NEPHOS_OK;
}

static struct model_config model_of(const struct meta *meta)
{
    return (struct model_config){.arch = meta->arch,
                                 .encoder = meta->encoder,
                                 .encoder_width = meta->encoder_width,
                                 .class_count = meta->class_count,
                                 .class_head = meta->class_head};
}

// Files of models without one may lack the key.
static enum nephos_status class_head_of(const struct safetensors *file, bool *class_head)
{
    const char *text = safetensors_metadata(file, "class_head");
    *class_head = text && strcmp(text, "true") == 0;
    if (!text || *class_head || strcmp(text, "false") == 0) return NEPHOS_OK;
    return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata 'class_head' is '%s', neither true nor false", file->path, text);
}

static enum nephos_status check_values(const struct safetensors *file, const struct meta *meta)
{
    const struct model_config config = model_of(meta);
    for (int i = 0; i < 3; i++) {
        if (!(meta->std[i] > 0)) return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata 'std' holds a zero", file->path);
    }
    if (!(meta->threshold > 0 && meta->threshold < 1))
        return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: metadata 'threshold' is %g, outside 0..1", file->path, (double)meta->threshold);
    if (model_check(NULL, &config) == NEPHOS_OK) return NEPHOS_OK;
    return base_fail(file->log, NEPHOS_ERROR_DATA, "%s: holds %s with encoder %s of width %u, which this build can't make", file->path,
                     meta->arch, meta->encoder, meta->encoder_width);
}

enum nephos_status meta_read(const struct safetensors *file, struct meta *meta)
{
    enum nephos_status status;
    const char *format, *arch, *encoder, *activation;
    *meta = (struct meta){0};
    TRY(text_of(file, "format", &format));
    if (strcmp(format, FORMAT) != 0)
        FAIL(file->log, NEPHOS_ERROR_DATA, "%s: metadata 'format' is '%s'; this build reads '%s'", file->path, format, FORMAT);
    TRY(text_of(file, "arch", &arch));
    TRY(text_of(file, "encoder", &encoder));
    TRY(text_of(file, "activation", &activation));
    meta->arch = strdup(arch);
    meta->encoder = strdup(encoder);
    meta->exclusive = strcmp(activation, "softmax") == 0;
    if (!meta->arch || !meta->encoder) {
        status = out_of_memory(file->log);
        goto fail;
    }
    TRY(count_of(file, "encoder_width", 4, 512, &meta->encoder_width));
    TRY(count_of(file, "height", 1, 65535, &meta->height));
    TRY(count_of(file, "width", 1, 65535, &meta->width));
    TRY(classes_of(file, meta));
    TRY(class_head_of(file, &meta->class_head));
    TRY(floats_of(file, "threshold", 1, &meta->threshold));
    TRY(floats_of(file, "mean", 3, meta->mean));
    TRY(floats_of(file, "std", 3, meta->std));
    TRY(check_values(file, meta));
    TRY(meta_rules_read(file, meta));
    return NEPHOS_OK;
fail:
    meta_free(meta);
    return status;
}

// --- writing ----------------------------------------------------------------------------------------------------------

static char *joined_classes(const struct meta *meta)
{
    char *text = strdup(meta->classes[0]);
    for (uint32_t i = 1; text && i < meta->class_count; i++) {
        char *longer = base_format("%s\n%s", text, meta->classes[i]);
        free(text);
        text = longer;
    }
    return text;
}

enum nephos_status meta_write(struct nephos_log *log, const struct meta *meta, char ***pairs, uint32_t *count)
{
    const float *m = meta->mean, *s = meta->std;
    char *const written[2 * KEY_COUNT] = {
        strdup("format"), strdup(FORMAT),
        strdup("arch"), strdup(meta->arch),
        strdup("encoder"), strdup(meta->encoder),
        strdup("encoder_width"), base_format("%u", meta->encoder_width),
        strdup("height"), base_format("%u", meta->height),
        strdup("width"), base_format("%u", meta->width),
        strdup("classes"), joined_classes(meta),
        strdup("activation"), strdup(meta->exclusive ? "softmax" : "sigmoid"),
        strdup("class_head"), strdup(meta->class_head ? "true" : "false"),
        strdup("threshold"), base_format("%.9g", (double)meta->threshold),
        strdup("mean"), base_format("%.9g %.9g %.9g", (double)m[0], (double)m[1], (double)m[2]),
        strdup("std"), base_format("%.9g %.9g %.9g", (double)s[0], (double)s[1], (double)s[2]),
    };
    bool complete = true;
    for (size_t i = 0; i < ARRAY_COUNT(written); i++) complete &= written[i] != NULL;
    char **copy = complete ? malloc(sizeof written) : NULL;
    if (!copy) {
        for (size_t i = 0; i < ARRAY_COUNT(written); i++) free(written[i]);
        return out_of_memory(log);
    }
    memcpy(copy, written, sizeof written);
    *pairs = copy;
    *count = KEY_COUNT;
    return NEPHOS_OK;
}

void meta_free_pairs(char **pairs, uint32_t count)
{
    for (uint32_t i = 0; pairs && i < 2 * count; i++) free(pairs[i]);
    free(pairs);
}

// --- use --------------------------------------------------------------------------------------------------------------

struct network_spec meta_spec(const struct meta *meta, enum network_purpose purpose, uint32_t batch)
{
    struct network_spec spec = {
        .purpose = purpose,
        .model = model_of(meta),
        .batch = batch,
        .height = meta->height,
        .width = meta->width,
        .exclusive = meta->exclusive,
        .threshold = meta->threshold,
    };
    memcpy(spec.mean, meta->mean, sizeof spec.mean);
    memcpy(spec.std, meta->std, sizeof spec.std);
    return spec;
}

enum nephos_status meta_expect(struct nephos_log *log, const char *path, const struct meta *found, const struct meta *wanted)
{
    if (strcmp(found->arch, wanted->arch) != 0 || strcmp(found->encoder, wanted->encoder) != 0 ||
        found->encoder_width != wanted->encoder_width)
        return base_fail(log, NEPHOS_ERROR_DATA, "%s: holds %s with encoder %s of width %u, the settings ask for %s, %s, %u", path,
                         found->arch, found->encoder, found->encoder_width, wanted->arch, wanted->encoder, wanted->encoder_width);
    if (found->height != wanted->height || found->width != wanted->width)
        return base_fail(log, NEPHOS_ERROR_DATA, "%s: is for images of %ux%u, the settings ask for %ux%u", path, found->height,
                         found->width, wanted->height, wanted->width);
    if (found->class_count != wanted->class_count || found->exclusive != wanted->exclusive)
        return base_fail(log, NEPHOS_ERROR_DATA, "%s: has %u %s classes, the data and loss ask for %u %s ones", path, found->class_count,
                         found->exclusive ? "exclusive" : "overlapping", wanted->class_count,
                         wanted->exclusive ? "exclusive" : "overlapping");
    if (found->class_head != wanted->class_head)
        return base_fail(log, NEPHOS_ERROR_DATA, "%s: has %s classification head, the settings ask for %s", path,
                         found->class_head ? "a" : "no", wanted->class_head ? "one" : "none");
    for (uint32_t i = 0; i < found->class_count; i++) {
        if (strcmp(found->classes[i], wanted->classes[i]) != 0)
            return base_fail(log, NEPHOS_ERROR_DATA, "%s: class %u is '%s', in the data it is '%s'", path, i, found->classes[i],
                             wanted->classes[i]);
    }
    return NEPHOS_OK;
}
