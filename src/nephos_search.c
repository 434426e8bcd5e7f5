// SPDX-License-Identifier: MIT
// Public entry point of the search for rules: every other image chooses them, and what they bring is measured on the others.
#include "nephos_evaluation.h"
#include "post/search.h"
#include "train/tally.h"

#include <stdlib.h>
#include <string.h>

struct hunt {
    struct rules plain, found;
    struct post_search *search;
    struct tally tallies[2][2]; // [images that chose, others][plain, found]
};

static enum nephos_status out_of_memory(struct nephos_log *log)
{
    return base_fail(log, NEPHOS_ERROR_MEMORY, "search for rules: out of memory");
}

// One class of an image, as the network sees it.
static enum nephos_status show_class(const struct evaluation *e, const struct evaluated *image, const uint8_t *labels, uint32_t c,
                                     float *plane, uint8_t *truth)
{
    const struct hunt *h = e->adds_to;
    const struct meta *meta = &e->predictor->meta;
    for (size_t i = 0; i < (size_t)meta->height * meta->width; i++) {
        plane[i] = image->probs[i * meta->class_count + c];
        truth[i] = labels[i] >> c & 1;
    }
    return post_search_add(h->search, c, plane, rules_class_prob(meta, image->probs, image->class_probs, c), truth);
}

static enum nephos_status show_image(struct evaluation *e, const struct evaluated *image)
{
    const struct meta *meta = &e->predictor->meta;
    const size_t pixels = (size_t)meta->height * meta->width;
    uint8_t *labels = malloc(pixels), *truth = malloc(pixels);
    float *plane = malloc(pixels * sizeof *plane);
    enum nephos_status status = labels && truth && plane ? NEPHOS_OK : out_of_memory(e->log);
    if (status == NEPHOS_OK) data_resize_nearest(image->labels, image->height, image->width, labels, meta->height, meta->width);
    for (uint32_t c = 0; c < meta->class_count && status == NEPHOS_OK; c++)
        status = show_class(e, image, labels, c, plane, truth);
    free(labels);
    free(truth);
    free(plane);
    return status;
}

static enum nephos_status measure_image(struct evaluation *e, const struct evaluated *image)
{
    struct hunt *h = e->adds_to;
    const struct rules *const rules[2] = {&h->plain, &h->found};
    const size_t pixels = (size_t)image->height * image->width;
    uint8_t *masks = malloc(e->set->class_count * pixels);
    if (!masks) return out_of_memory(e->log);
    enum nephos_status status = NEPHOS_OK;
    for (int i = 0; i < 2 && status == NEPHOS_OK; i++) {
        status = rules_apply(rules[i], &e->predictor->meta, e->log, image->probs, image->class_probs, image->height, image->width, masks);
        if (status == NEPHOS_OK) tally_add_masks(&h->tallies[image->position & 1][i], masks, image->labels, false, pixels);
    }
    free(masks);
    return status;
}

static enum nephos_status find_rules(struct evaluation *e, struct hunt *h, const struct nephos_evaluate_params *params)
{
    const struct meta *meta = &e->predictor->meta;
    const struct post_search_params search = {.class_count = meta->class_count,
                                              .height = meta->height,
                                              .width = meta->width,
                                              .threshold = params->threshold > 0 ? params->threshold : meta->threshold,
                                              .shape = h->plain.cleaning.shape,
                                              .fill_holes = params->post.fill_holes};
    uint32_t *half = malloc((e->count + 1) * sizeof *half), count = 0;
    enum nephos_status status = half ? post_search_create(e->log, &search, &h->search) : out_of_memory(e->log);
    for (uint32_t i = 0; status == NEPHOS_OK && i < e->count; i += 2)
        half[count++] = e->order[i];
    e->add = show_image;
    if (status == NEPHOS_OK) status = evaluation_pass(e, half, count);
    free(half);
    if (status != NEPHOS_OK) return status;
    h->found = (struct rules){.stored = true};
    for (uint32_t c = 0; c < meta->class_count; c++) {
        double dice;
        post_search_best(h->search, c, &h->found.classes[c], &dice);
    }
    h->plain = (struct rules){.threshold = search.threshold};
    return NEPHOS_OK;
}

static enum nephos_status measure(struct evaluation *e, struct hunt *h, struct nephos_search_result *result)
{
    enum nephos_status status;
    for (int i = 0; i < 4; i++)
        TRY(tally_create(e->log, e->set->class_count, false, &h->tallies[i / 2][i % 2]));
    e->add = measure_image;
    TRY(evaluation_pass(e, e->order, e->count));
    for (int i = 0; i < 2; i++) {
        TRY(tally_scores(&h->tallies[i][0], e->log, &result->plain[i]));
        TRY(tally_scores(&h->tallies[i][1], e->log, &result->found[i]));
    }
fail:
    return status;
}

static enum nephos_status keep_rules(const struct evaluation *e, const struct hunt *h, struct nephos_search_result *result)
{
    const uint32_t count = e->predictor->meta.class_count;
    result->rules = calloc(count, sizeof *result->rules);
    if (!result->rules) return out_of_memory(e->log);
    result->class_count = count;
    for (uint32_t c = 0; c < count; c++) {
        const struct post_rule *r = &h->found.classes[c];
        result->rules[c] = (struct nephos_rule){.threshold = r->threshold,
                                                .class_threshold = r->class_threshold,
                                                .min_area = (uint32_t)r->min_area,
                                                .shape = post_shape_name(r->shape),
                                                .fill_holes = r->fill_holes};
    }
    return NEPHOS_OK;
}

// In the file, and in the model that was loaded from it.
static enum nephos_status store_rules(const struct evaluation *e, const struct hunt *h)
{
    struct meta *meta = &e->predictor->meta;
    const size_t size = meta->class_count * sizeof *meta->rules;
    struct post_rule *rules = malloc(size);
    if (!rules) return out_of_memory(e->log);
    memcpy(rules, h->found.classes, size);
    const enum nephos_status status = meta_rules_store(e->log, e->predictor->file, rules, meta->class_count);
    if (status == NEPHOS_OK) {
        free(meta->rules);
        meta->rules = rules;
    } else {
        free(rules);
    }
    return status;
}

static enum nephos_status search(struct evaluation *e, struct hunt *h, const struct nephos_evaluate_params *params, bool store,
                                 struct nephos_search_result *result)
{
    enum nephos_status status;
    if (e->set->exclusive)
        FAIL(e->log, NEPHOS_ERROR_DATA, "%s: its classes exclude each other; rules are for classes that may overlap", e->set->root);
    if (e->count < 2)
        FAIL(e->log, NEPHOS_ERROR_DATA, "%s: the search for rules needs at least 2 images, one to choose and one to measure", e->set->root);
    e->total = (uint64_t)e->count + (e->count + 1) / 2;
    TRY(find_rules(e, h, params));
    TRY(measure(e, h, result));
    TRY(keep_rules(e, h, result));
    if (store) TRY(store_rules(e, h));
fail:
    return status;
}

static enum nephos_status check(const struct nephos_model *model, const struct nephos_evaluate_params *params, bool store)
{
    if (model->predictor->meta.exclusive)
        return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "the model's classes exclude each other: no threshold decides about them");
    if (params->class_threshold > 0 || params->post.min_area > 0)
        return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "class threshold and least area are what is searched for; give neither");
    if (store && params->other_count > 0)
        return base_fail(model->log, NEPHOS_ERROR_ARGUMENT, "rules for the mean of several models can't be stored in one of them");
    return NEPHOS_OK;
}

enum nephos_status nephos_search(struct nephos_model *model, const struct nephos_evaluate_params *params, bool store,
                                 nephos_progress_fn progress, void *user, struct nephos_search_result *result)
{
    if (!model || !params || !params->data || !result)
        return base_fail(model ? model->log : NULL, NEPHOS_ERROR_ARGUMENT, "nephos_search: a parameter is NULL");
    struct hunt h = {0};
    struct nephos_search_result made = {0};
    struct evaluation e = {.progress = progress, .user = user, .adds_to = &h};
    enum nephos_status status = check(model, params, store);
    if (status == NEPHOS_OK) status = rules_make(model, params->threshold, 0, &params->post, true, &h.plain);
    if (status == NEPHOS_OK) status = evaluation_open(&e, model, params);
    if (status == NEPHOS_OK) status = search(&e, &h, params, store, &made);
    if (status == NEPHOS_OK)
        *result = made;
    else
        nephos_search_result_free(&made);
    post_search_destroy(&h.search);
    for (int i = 0; i < 4; i++)
        tally_free(&h.tallies[i / 2][i % 2]);
    evaluation_close(&e);
    return status;
}

void nephos_search_result_free(struct nephos_search_result *result)
{
    if (!result) return;
    free(result->rules);
    for (int i = 0; i < 2; i++) {
        nephos_scores_free(&result->plain[i]);
        nephos_scores_free(&result->found[i]);
    }
    *result = (struct nephos_search_result){0};
}
