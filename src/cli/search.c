// SPDX-License-Identifier: MIT
#include "search.h"

#include "progress.h"
#include "signals.h"

#include <stdio.h>

static void print_scores(const char *name, const double dice[4])
{
    printf("  %7.4f  %7.4f  %7.4f  %7.4f  %s\n", dice[0], dice[1], dice[2], dice[3], name);
}

static void print_text(const struct nephos_search_result *r, const struct nephos_model_info *info)
{
    printf("threshold  class threshold  least area  class\n");
    for (uint32_t c = 0; c < r->class_count; c++) {
        const struct nephos_rule *rule = &r->rules[c];
        printf("%9.3f  %15.3f  %10u  %s\n", (double)rule->threshold, (double)rule->class_threshold, rule->min_area, info->classes[c]);
    }
    printf("\nDice of %llu images that chose, and of %llu others:\n", (unsigned long long)r->plain[0].image_count,
           (unsigned long long)r->plain[1].image_count);
    printf("  %7s  %7s  %7s  %7s  class\n", "plain", "found", "plain", "found");
    for (uint32_t c = 0; c < r->class_count; c++)
        print_scores(info->classes[c], (const double[]){r->plain[0].classes[c].dice, r->found[0].classes[c].dice,
                                                        r->plain[1].classes[c].dice, r->found[1].classes[c].dice});
    print_scores("all", (const double[]){r->plain[0].dice, r->found[0].dice, r->plain[1].dice, r->found[1].dice});
    printf("\nplain: one threshold, nothing else. The last column is what to expect of new images: those that chose flatter the rules.\n"
           "Areas are pixels at the size the network works at.\n");
}

static json_t *class_json(const struct nephos_search_result *r, uint32_t c, const char *name)
{
    const struct nephos_rule *rule = &r->rules[c];
    return json_pack("{s:s,s:f,s:f,s:I,s:s,s:b,s:f,s:f,s:f,s:f}", "name", name, "threshold", (double)rule->threshold, "class_threshold",
                     (double)rule->class_threshold, "min_area", (json_int_t)rule->min_area, "shape", rule->shape, "fill_holes",
                     rule->fill_holes, "chose_plain", r->plain[0].classes[c].dice, "chose_found", r->found[0].classes[c].dice,
                     "others_plain", r->plain[1].classes[c].dice, "others_found", r->found[1].classes[c].dice);
}

static enum nephos_status print_json(const struct nephos_search_result *r, const struct nephos_model_info *info)
{
    json_t *classes = json_array();
    for (uint32_t c = 0; c < r->class_count; c++)
        json_array_append_new(classes, class_json(r, c, info->classes[c]));
    return app_json_print(json_pack("{s:I,s:I,s:f,s:f,s:f,s:f,s:o}", "chose", (json_int_t)r->plain[0].image_count, "others",
                                    (json_int_t)r->plain[1].image_count, "chose_plain", r->plain[0].dice, "chose_found", r->found[0].dice,
                                    "others_plain", r->plain[1].dice, "others_found", r->found[1].dice, "classes", classes));
}

enum nephos_status search_run(struct app *app, struct nephos_model *model, const struct nephos_evaluate_params *params, bool store)
{
    struct nephos_search_result result = {0};
    struct progress progress = {0};
    signals_catch();
    enum nephos_status status = nephos_search(model, params, store, progress_report, &progress, &result);
    progress_end();
    if (status != NEPHOS_OK) return status;
    if (app->json)
        status = print_json(&result, nephos_model_get_info(model));
    else
        print_text(&result, nephos_model_get_info(model));
    if (store && !app->json) printf("Stored in the model file: evaluate and predict work by them unless --threshold is given.\n");
    nephos_search_result_free(&result);
    return status;
}
