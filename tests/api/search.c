// SPDX-License-Identifier: MIT
// The search for rules, and the rules in a model file.
#include "api/api.h"

#include "data/safetensors.h"

#include <math.h>

TestSuite(rules, .init = api_setup, .fini = api_teardown, .timeout = 600);

static struct nephos_model *load(const char *run)
{
    struct nephos_model *model = NULL;
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, folder_file(run), &model));
    return model;
}

static struct nephos_model *train(const char *more)
{
    api_one_driver_is_enough();
    api_synth("clouds", 22, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", more));
    return load("run");
}

static double dice_of(struct nephos_model *model, const struct nephos_evaluate_params *params)
{
    struct nephos_scores scores = {0};
    API_EXPECT(NEPHOS_OK, nephos_evaluate(model, params, NULL, NULL, &scores));
    const double dice = scores.dice;
    nephos_scores_free(&scores);
    return dice;
}

static struct nephos_search_result search(struct nephos_model *model, struct nephos_evaluate_params params, bool store)
{
    struct nephos_search_result result = {0};
    API_EXPECT(NEPHOS_OK, nephos_search(model, &params, store, NULL, NULL, &result));
    return result;
}

// Of all images together.
static double both(const struct nephos_scores halves[2])
{
    return (halves[0].dice * (double)halves[0].image_count + halves[1].dice * (double)halves[1].image_count) /
           (double)(halves[0].image_count + halves[1].image_count);
}

Test(rules, found_ones_are_stored_and_then_in_force)
{
    struct nephos_model *model = train("class-head=1 epochs=3 lr=0.01");
    const struct nephos_evaluate_params all = {.data = folder_file("clouds"), .split = "all"};
    struct nephos_evaluate_params plain = all;
    plain.threshold = 0.5f;
    const double before = dice_of(model, &all);
    struct nephos_search_result r = search(model, all, false);
    cr_expect_eq(r.plain[0].image_count, 11);
    cr_expect_eq(r.plain[1].image_count, 11);
    cr_expect_float_eq(both(r.plain), before, 1e-12);
    cr_expect_gt(r.found[0].dice, r.plain[0].dice, "images have the network's size, so those that chose can't lose");
    cr_expect_eq(dice_of(model, &all), before, "nothing was stored");
    const double found = both(r.found);
    nephos_search_result_free(&r);

    r = search(model, all, true);
    cr_expect_float_eq(both(r.found), found, 1e-12);
    cr_expect_float_eq(dice_of(model, &all), found, 1e-12, "in the model that is loaded");
    nephos_model_destroy(&model);
    model = load("run");
    cr_expect_float_eq(dice_of(model, &all), found, 1e-12, "and in its file");
    cr_expect_eq(dice_of(model, &plain), before, "a threshold turns them off");
    struct nephos_evaluate_params cleaned = all;
    cleaned.post.min_area = 32 * 48 + 1;
    struct nephos_scores scores = {0};
    API_EXPECT(NEPHOS_OK, nephos_evaluate(model, &cleaned, NULL, NULL, &scores));
    cr_expect_eq(scores.dice, scores.predict_nothing, "what is given replaces a part of them");
    nephos_scores_free(&scores);
    nephos_search_result_free(&r);
    r = search(model, all, true); // once more, in place of the first
    cr_expect_float_eq(both(r.plain), before, 1e-12);
    nephos_search_result_free(&r);
    nephos_model_destroy(&model);
}

Test(rules, without_a_head_the_most_probable_pixel_counts_and_tensors_stay)
{
    struct nephos_model *model = train("epochs=2 lr=0.01");
    const char *path = api_path("run", "best.safetensors");
    size_t size;
    uint8_t *bytes = folder_read(path, &size);
    folder_write(folder_file("before.safetensors"), bytes, size);
    free(bytes);
    struct nephos_search_result r =
        search(model, (struct nephos_evaluate_params){.data = folder_file("clouds"), .split = "all", .post = {.shape = "convex"}}, true);
    cr_expect_gt(r.found[0].dice, r.plain[0].dice);
    nephos_search_result_free(&r);
    cr_expect_gt(api_same_tensors(path, folder_file("before.safetensors")), 0);
    char rules[512], threshold[32];
    api_metadata(path, "rules", rules, sizeof rules);
    api_metadata(path, "threshold", threshold, sizeof threshold);
    cr_expect_str_eq(threshold, "0.5");
    int lines = 1;
    for (const char *at = rules; *at; at++)
        lines += *at == '\n';
    cr_expect_eq(lines, 4, "%s", rules);
    nephos_model_destroy(&model);
    model = load("run");
    // The submission is made by the same rules as the masks.
    const char *const paths[] = {folder_file("clouds/images")};
    const struct nephos_predict_params params = {
        .paths = paths, .path_count = 1, .out_dir = folder_file("masks"), .csv = folder_file("a.csv"), .csv_height = 32, .csv_width = 48};
    API_EXPECT(NEPHOS_OK, nephos_predict_files(model, &params, NULL, NULL));
    const struct nephos_submission_params check = {.csv = folder_file("a.csv"), .data = folder_file("clouds"), .height = 32, .width = 48};
    struct nephos_submission s = {0};
    API_EXPECT(NEPHOS_OK, nephos_submission_check(api_log(), &check, &s));
    const struct nephos_evaluate_params all = {.data = folder_file("clouds"), .split = "all"};
    cr_expect_float_eq(s.scores.dice, dice_of(model, &all), 1e-12);
    nephos_submission_free(&s);
    nephos_model_destroy(&model);
}

// The model file with other metadata "rules".
static void rewrite(const char *rules)
{
    struct safetensors *file = NULL;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), api_path("run", "best.safetensors"), &file));
    struct safetensors_tensor *tensors = calloc(file->entry_count, sizeof *tensors);
    const char **metadata = calloc(2 * file->metadata_count + 2, sizeof *metadata);
    for (uint32_t i = 0; i < file->entry_count; i++) {
        const struct safetensors_entry *e = &file->entries[i];
        tensors[i] = (struct safetensors_tensor){e->name, e->dtype, e->rank, {0}, file->data + e->offset};
        memcpy(tensors[i].shape, e->shape, sizeof e->shape);
    }
    memcpy(metadata, file->metadata, 2 * file->metadata_count * sizeof *metadata);
    metadata[2 * file->metadata_count] = "rules";
    metadata[2 * file->metadata_count + 1] = rules;
    API_EXPECT(NEPHOS_OK, safetensors_write(api_log(), folder_file("bad.safetensors"), tensors, file->entry_count, metadata,
                                            file->metadata_count + 1));
    free(tensors);
    free(metadata);
    safetensors_close(&file);
}

Test(rules, broken_ones_in_a_file_are_refused)
{
    struct nephos_model *model = train("epochs=1");
    nephos_model_destroy(&model);
    static const char good[] = "0.5 0 0 none 0\n0.5 0.25 12 convex 1\n0.5 0 0 rectangle 0\n0.35 0 0 none 0";
    static const char *const bad[] = {"",
                                      "0.5 0 0 none 0",
                                      "x",
                                      "0.5 0 0 none 0\n0.5 0 0 none 0\n0.5 0 0 none 0\n1.5 0 0 none 0",
                                      "0.5 0 0 none 0\n0.5 0 0 none 0\n0.5 0 0 round 0\n0.5 0 0 none 0",
                                      "0.5 0 0 none 0\n0.5 0 -1 none 0\n0.5 0 0 none 0\n0.5 0 0 none 0",
                                      "0.5 0 0 none 0\n0.5 0 0 none 0\n0.5 0 0 none 0\n0.5 0 0 none 2",
                                      "0.5 0 0 none 0\n0.5 0 0 none 0\n0.5 0 0 none 0\n0.5 0 0 none 0\n0.5 0 0 none 0",
                                      "0.5 0 0 none 0\n0.5 0 0 none\n0.5 0 0 none 0\n0.5 0 0 none 0"};
    rewrite(good);
    model = load("bad.safetensors");
    nephos_model_destroy(&model);
    for (size_t i = 0; i < ARRAY_COUNT(bad); i++) {
        rewrite(bad[i]);
        const enum nephos_status status = nephos_model_load(api_device, folder_file("bad.safetensors"), &model);
        cr_expect_eq(status, NEPHOS_ERROR_DATA, "case %zu", i);
        api_expect_error("is no rule");
    }
}

Test(rules, what_can_not_be_searched_is_refused)
{
    struct nephos_model *model = train("epochs=1"), *other = load("run");
    struct nephos_search_result r = {0};
    struct nephos_evaluate_params params = {.data = folder_file("clouds"), .split = "all", .class_threshold = 0.5f};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_search(model, &params, false, NULL, NULL, &r));
    api_expect_error("what is searched for");
    params.class_threshold = 0;
    params.post.min_area = 3;
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_search(model, &params, false, NULL, NULL, &r));
    params.post = (struct nephos_post_params){.shape = "round"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_search(model, &params, false, NULL, NULL, &r));
    params.post.shape = NULL;
    params.others = &other;
    params.other_count = 1;
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_search(model, &params, true, NULL, NULL, &r));
    api_expect_error("several models");
    API_EXPECT(NEPHOS_OK, nephos_search(model, &params, false, NULL, NULL, &r));
    nephos_search_result_free(&r);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_search(model, NULL, false, NULL, NULL, &r));
    nephos_model_destroy(&model);
    nephos_model_destroy(&other);
}
