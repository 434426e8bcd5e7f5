// SPDX-License-Identifier: MIT
// The classification head: trained beside the masks, measured each epoch, asked before a mask is believed.
#include "api/api.h"

#include <math.h>

TestSuite(class_head, .init = api_setup, .fini = api_teardown, .timeout = 600);

static struct nephos_scores evaluate(const char *run, const char *split, float class_threshold)
{
    struct nephos_model *model = NULL;
    struct nephos_scores scores;
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, folder_file(run), &model));
    const struct nephos_evaluate_params params = {.data = folder_file("clouds"), .split = split, .class_threshold = class_threshold};
    API_EXPECT(NEPHOS_OK, nephos_evaluate(model, &params, NULL, NULL, &scores));
    nephos_model_destroy(&model);
    return scores;
}

Test(class_head, each_epoch_reports_how_well_it_tells_images_apart)
{
    api_synth("clouds", 24, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "class-head=1 epochs=2"));
    for (uint32_t epoch = 1; epoch <= 2; epoch++) {
        const double pr = api_history("run", epoch, "val_pr_auc"), roc = api_history("run", epoch, "val_roc_auc");
        cr_expect(pr > 0 && pr <= 1 && roc >= 0 && roc <= 1, "epoch %u: %g, %g", epoch, pr, roc);
    }
    size_t size;
    uint8_t *bytes = folder_read(api_path("run", "classes.csv"), &size);
    uint32_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += bytes[i] == '\n';
    cr_expect_eq(lines, 1 + 2 * 4);
    cr_expect_eq(memcmp(bytes, "epoch,class,pr_auc,roc_auc\n1,\"", 30), 0);
    free(bytes);
}

// By heart, so that chance plays no part: images of the training split.
Test(class_head, it_learns)
{
    api_one_driver_is_enough();
    api_synth("clouds", 20, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "class-head=5 epochs=16 lr=0.01 flip=none"));
    struct nephos_scores scores = evaluate("run", "train", 0);
    cr_expect_gt(scores.roc_auc, 0.85, "%g", scores.roc_auc);
    nephos_scores_free(&scores);
}

Test(class_head, resuming_gives_the_bits_of_an_uninterrupted_run)
{
    api_one_driver_is_enough();
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("whole", "class-head=1 epochs=2"));
    API_EXPECT(NEPHOS_OK, api_train("parts", "class-head=1 epochs=1"));
    API_EXPECT(NEPHOS_OK, api_train("parts", "class-head=1 epochs=2 resume=true"));
    api_expect_same_run("whole", "parts");
    size_t sizes[2];
    uint8_t *whole = folder_read(api_path("whole", "classes.csv"), &sizes[0]),
            *parts = folder_read(api_path("parts", "classes.csv"), &sizes[1]);
    cr_assert_eq(sizes[0], sizes[1]);
    cr_expect_arr_eq(whole, parts, sizes[0]);
    free(whole);
    free(parts);
    API_EXPECT(NEPHOS_ERROR_DATA, api_train("parts", "epochs=3 resume=true"));
    api_expect_error("has a classification head, the settings ask for none");
}

Test(class_head, vetoes_masks_of_classes_it_finds_unlikely)
{
    api_one_driver_is_enough();
    api_synth("clouds", 14, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "class-head=1 threshold=0.01"));
    struct nephos_scores all = evaluate("run", "val", 0), none = evaluate("run", "val", 0.999f);
    cr_expect_float_neq(all.dice, all.predict_nothing, 1e-6);
    cr_expect_float_eq(none.dice, none.predict_nothing, 1e-12, "no class is as likely as that");
    nephos_scores_free(&all);
    nephos_scores_free(&none);

    struct nephos_model *model = NULL;
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, folder_file("run"), &model));
    cr_expect(nephos_model_get_info(model)->class_head);
    const char *const paths[] = {folder_file("clouds/images")};
    struct nephos_predict_params params = {.paths = paths,
                                           .path_count = 1,
                                           .out_dir = folder_file("out"),
                                           .csv = folder_file("out.csv"),
                                           .csv_height = 20,
                                           .csv_width = 30,
                                           .class_threshold = 0.999f};
    API_EXPECT(NEPHOS_OK, nephos_predict_files(model, &params, NULL, NULL));
    size_t size;
    uint8_t *csv = folder_read(folder_file("out.csv"), &size);
    for (size_t i = 0; i + 1 < size; i++)
        cr_expect(csv[i] != ',' || csv[i + 1] == '\n' || csv[i + 1] == 'E', "a mask at byte %zu", i);
    free(csv);
    nephos_model_destroy(&model);
}

Test(class_head, without_one_nothing_is_measured_and_a_threshold_is_an_error)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", ""));
    cr_expect(isnan(api_history("run", 1, "val_pr_auc")));
    cr_expect_eq(api_count_files(api_path("run", ""), "classes.csv"), 0);
    struct nephos_model *model = NULL;
    struct nephos_scores scores;
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, folder_file("run"), &model));
    const struct nephos_evaluate_params params = {.data = folder_file("clouds"), .class_threshold = 0.5f};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_evaluate(model, &params, NULL, NULL, &scores));
    api_expect_error("the model has no classification head");
    nephos_model_destroy(&model);
}

Test(class_head, decides_what_is_best_where_asked_to)
{
    api_one_driver_is_enough();
    api_synth("clouds", 24, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "monitor=val-roc-auc"));
    api_expect_error("--class-head");
    API_EXPECT(NEPHOS_OK, api_train("run", "class-head=1 epochs=3 lr=0.01 monitor=val-roc-auc"));
    double best = 0;
    for (uint32_t epoch = 1; epoch <= 3; epoch++)
        best = fmax(best, api_history("run", epoch, "val_roc_auc"));
    struct nephos_scores scores = evaluate("run", "val", 0);
    cr_expect_float_eq(scores.roc_auc, best, 1e-6);
    nephos_scores_free(&scores);
}

Test(class_head, the_plain_network_has_one_too)
{
    api_one_driver_is_enough();
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "encoder=none class-head=1 storage=fp16"));
    cr_expect(isfinite(api_history("run", 1, "val_roc_auc")));
}
