// SPDX-License-Identifier: MIT
// Sets of known content: what the analysis counts, measures and finds wrong.
#include "analyze/make_set.h"
#include "base/file.h"
#include "common/folder.h"
#include "data/data.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TestSuite(analysis, .init = analyze_setup, .fini = folder_teardown);

enum { BLACK = 10 };

static struct nephos_analysis result;

static json_t *analyze(uint32_t threads)
{
    const struct nephos_analyze_params params = {.data = folder_file("set"), .json = folder_file("a.json"), .threads = threads};
    cr_assert_eq(nephos_analyze(folder_log, &params, NULL, NULL, &result), NEPHOS_OK, "%s", nephos_last_error(folder_log));
    json_t *root = json_load_file(folder_file("a.json"), 0, NULL);
    cr_assert_not_null(root);
    return root;
}

// Member "a.b.2.c" of a document.
static json_t *at(json_t *root, const char *path)
{
    char copy[128], *rest = copy;
    snprintf(copy, sizeof copy, "%s", path);
    for (char *part; root && (part = strsep(&rest, "."));)
        root = json_is_array(root) ? json_array_get(root, (size_t)atoi(part)) : json_object_get(root, part);
    cr_assert_not_null(root, "no %s", path);
    return root;
}

static double number_at(json_t *root, const char *path)
{
    return json_number_value(at(root, path));
}

#define EXPECT(path, value) cr_expect_float_eq(number_at(root, path), value, 1e-6, "%s is %g", path, number_at(root, path))

// Whether a defect of that kind, file and line is listed, and its text holds `part`.
static bool has_defect(json_t *root, const char *kind, const char *file, int line, const char *part)
{
    size_t i;
    json_t *defect;
    json_array_foreach(at(root, "defects.list"), i, defect)
    {
        if (strcmp(json_string_value(at(defect, "kind")), kind) != 0 || strcmp(json_string_value(at(defect, "file")), file) != 0) continue;
        if ((int)json_integer_value(at(defect, "line")) != line) continue;
        if (strstr(json_string_value(at(defect, "text")), part)) return true;
    }
    return false;
}

#define EXPECT_DEFECT(kind, file, line, part)                                                                                              \
    cr_expect(has_defect(root, kind, file, line, part), "no %s, %s:%d, \"%s\" in\n%s", kind, file, line, part,                             \
              json_dumps(at(root, "defects"), JSON_INDENT(1)))

// --- figures ----------------------------------------------------------------------------------------------------------

static void make_small_set(void)
{
    analyze_write_picture("a.png", 4, 6, 1, 60);
    analyze_write_picture("b.png", 4, 6, 2, 60);
    analyze_write_picture("c.png", 4, 6, 3, 60);
    analyze_write_text("classes.txt", "Fish\nSugar\n");
    // Column-major: pixel 1 is the corner, 2 below it, 5 the top of the second column.
    analyze_write_text("train.csv",
                       HEADER "a.png_Fish,1 12\na.png_Sugar,1 2 11 1 21 4\nb.png_Fish,1 24\nb.png_Sugar,\nc.png_Fish,\nc.png_Sugar,\n");
    analyze_write_text("split.csv", "image,split\na,train\nb.png,val\nc.png,test\n");
}

Test(analysis, rows_images_and_classes_are_counted)
{
    make_small_set();
    json_t *root = analyze(2);
    EXPECT("images.count", 3);
    EXPECT("images.readable", 3);
    EXPECT("images.by_split.train", 1);
    EXPECT("images.by_split.none", 0);
    EXPECT("images.sizes.0.height", 4);
    EXPECT("images.sizes.0.width", 6);
    EXPECT("images.sizes.0.images", 3);
    EXPECT("rows.count", 6);
    EXPECT("rows.empty", 3);
    EXPECT("rows.missing", 0);
    EXPECT("classes.0.images", 2);
    EXPECT("classes.0.by_split.val", 1);
    EXPECT("classes.1.images", 1);
    EXPECT("masks_per_image.0", 1);
    EXPECT("masks_per_image.1", 1);
    EXPECT("masks_per_image.2", 1);
    EXPECT("together.0.0", 2);
    EXPECT("together.0.1", 1);
    EXPECT("together.1.1", 1);
    cr_expect_eq(json_array_size(at(root, "class_sets")), 3);
    cr_expect_str_eq(json_string_value(at(root, "class_sets.0.classes.1")), "Sugar");
    EXPECT("defects.errors", 0);
    EXPECT("defects.warnings", 0);
    cr_expect_eq(result.images, 3);
    cr_expect_eq(result.masks, 3);
    cr_expect_eq(result.empty_rows, 3);
    json_decref(root);
}

Test(analysis, masks_are_measured)
{
    make_small_set();
    json_t *root = analyze(1);
    EXPECT("classes.0.area_mean", 0.75);
    EXPECT("classes.0.area_median", 0.75);
    EXPECT("classes.0.images_by_area.10", 1); // half of the image
    EXPECT("classes.0.images_by_area.19", 1); // all of it
    EXPECT("classes.0.components_mean", 1);
    // Two pixels in the corner, one that touches neither, and the last column: three components.
    EXPECT("classes.1.area_mean", 7.0 / 24);
    EXPECT("classes.1.components_mean", 3);
    EXPECT("classes.1.images_by_components.2", 1);
    // Fish of a.png: columns 0 to 2 of 6, all rows: centre at (2, 1.5) of 4 x 6; of b.png: the middle.
    EXPECT("classes.0.centres.8.6", 1);
    EXPECT("classes.0.centres.8.12", 1);
    // Cells of pixels cover: a.png's left half and all of b.png, of three images.
    EXPECT("classes.0.cover.0.0", 2.0 / 3);
    EXPECT("classes.0.cover.0.20", 1.0 / 3);
    json_decref(root);
}

Test(analysis, colours_and_black_are_measured)
{
    uint8_t rgb[4 * 4 * 3] = {0};
    for (int i = 0; i < 8; i++) {
        rgb[3 * i] = 200;
        rgb[3 * i + 1] = 100;
        rgb[3 * i + 2] = 50;
    }
    rgb[3 * 8] = BLACK; // still no data
    cr_assert_eq(data_png_write(folder_log, folder_file("set/images/a.png"), rgb, 4, 4, 3), NEPHOS_OK);
    memset(rgb, 0, sizeof rgb);
    cr_assert_eq(data_png_write(folder_log, folder_file("set/images/b.png"), rgb, 4, 4, 1), NEPHOS_OK);
    analyze_write_text("train.csv", HEADER "a.png_Fish,1 1\nb.png_Fish,\n");
    json_t *root = analyze(2);
    EXPECT("images.grey", 1);
    EXPECT("colours.red.mean", (8 * 200 + BLACK) / 32.0 / 255);
    EXPECT("colours.blue.mean", 8 * 50 / 32.0 / 255);
    EXPECT("colours.green.levels.100", 8);
    EXPECT("colours.green.levels.0", 24);
    EXPECT("colours.green.deviation", 100 * 0.4330127019 / 255);
    EXPECT("black.share", 0.75);
    EXPECT("black.images_over_half", 1);
    EXPECT("black.images_by_share.10", 1);
    EXPECT("black.images_by_share.19", 1);
    EXPECT_DEFECT("black", "images/b.png", 0, "all pixels are black");
    EXPECT("defects.errors", 0);
    json_decref(root);
}

Test(analysis, mask_images_are_measured)
{
    static const uint8_t mask[12] = {0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 255, 255};
    cr_assert_eq(base_dir_create(folder_log, folder_file("set/masks")), NEPHOS_OK);
    analyze_write_picture("a.png", 3, 4, 1, 60);
    cr_assert_eq(data_png_write(folder_log, folder_file("set/masks/a.png"), mask, 3, 4, 1), NEPHOS_OK);
    analyze_write_text("classes.txt", "ground\nlow\nhigh\n");
    json_t *root = analyze(1);
    cr_expect_str_eq(json_string_value(at(root, "layout")), "masks");
    cr_expect(json_is_null(at(root, "rows")));
    EXPECT("classes.1.area_mean", 4.0 / 12);
    EXPECT("classes.2.area_mean", 2.0 / 12);
    EXPECT("ignored_share", 2.0 / 12);
    EXPECT("masks_per_image.3", 1);
    EXPECT("defects.errors", 0);
    json_decref(root);
}

// --- defects ----------------------------------------------------------------------------------------------------------

Test(analysis, every_defect_of_a_competition_set_is_named_with_its_row)
{
    analyze_write_picture("a.png", 4, 6, 1, 60);
    analyze_write_picture("b.png", 4, 6, 2, 60);
    analyze_write_picture("unused.png", 4, 6, 3, 60);
    folder_write(folder_file("set/images/broken.jpg"), "no picture", 10);
    analyze_write_text("classes.txt", "Fish\nSugar\n");
    analyze_write_text("train.csv", HEADER "a.png_Fish,1 2 2 3\n"   // 2: overlap
                                           "a.png_Sugar,20 9\n"     // 3: beyond
                                           "a.png_Fish,1 1\n"       // 4: twice
                                           "b.png_Gravel,1 1\n"     // 5: unknown
                                           "b.png,1 1\n"            // 6: no class
                                           "b.png_Fish,1 1,2\n"     // 7: three columns
                                           "b.png_Sugar,1 24\n"     // 8: good
                                           "gone.png_Fish,1 1\n"    // 9: no file
                                           "gone.png_Sugar,\n"      // 10
                                           "broken.jpg_Fish,x\n"    // 11
                                           "\"b.png\"_Fish,1 1\n"); // 12: text behind a quote
    analyze_write_text("split.csv", "image,split\na.png,train\nb.png,vla\nc.png,val\na.png,val\n");
    json_t *root = analyze(2);
    EXPECT_DEFECT("run-length-code", "train.csv", 2, "image a.png, class Fish: run 2: starts at 2");
    EXPECT_DEFECT("beyond-image", "train.csv", 3, "goes past the last pixel, 24");
    EXPECT_DEFECT("duplicate-row", "train.csv", 4, "on line 2");
    EXPECT_DEFECT("class", "train.csv", 5, "\"Gravel\" is not in classes.txt");
    EXPECT_DEFECT("label", "train.csv", 6, "is no Image_Label");
    EXPECT_DEFECT("row", "train.csv", 7, "3 columns, the header has 2");
    EXPECT_DEFECT("missing-image", "train.csv", 9, "there is no file images/gone.png, which has 2 rows");
    EXPECT_DEFECT("image", "images/broken.jpg", 0, "neither a PNG nor a JPEG");
    EXPECT_DEFECT("run-length-code", "train.csv", 11, "\"x\" is not a number");
    EXPECT_DEFECT("row", "train.csv", 12, "behind a closing quote");
    EXPECT_DEFECT("unused-image", "images/unused.png", 0, "no row");
    EXPECT_DEFECT("split-row", "split.csv", 3, "\"vla\"");
    EXPECT_DEFECT("split-row", "split.csv", 4, "\"c.png\" is not in the data set");
    EXPECT_DEFECT("split-row", "split.csv", 5, "has a row already");
    EXPECT_DEFECT("split-missing", "split.csv", 0, "image b.png");
    EXPECT_DEFECT("split-missing", "split.csv", 0, "image broken.jpg");
    EXPECT("defects.errors", 15);
    EXPECT("defects.warnings", 1);
    EXPECT("rows.count", 11);
    EXPECT("rows.empty", 1);
    EXPECT("images.count", 3);
    EXPECT("images.readable", 2);
    EXPECT("classes.1.images", 1); // what is good is measured all the same
    cr_expect_eq(result.errors, 15);
    json_decref(root);
}

Test(analysis, rows_of_missing_images_and_rows_that_are_there_twice_are_read_all_the_same)
{
    analyze_write_picture("a.png", 4, 6, 1, 60);
    analyze_write_text("train.csv", HEADER "gone.png_Fish,1 2\n"
                                           "gone.png_Fish,3 x\n" // 3: twice, and no code
                                           "gone.png_Fish,0 1\n" // 4: likewise
                                           "a.png_Fish,1 4\n"
                                           "a.png_Fish,1 0\n"); // 6: likewise
    json_t *root = analyze(1);
    EXPECT_DEFECT("missing-image", "train.csv", 2, "which has 3 rows");
    EXPECT_DEFECT("run-length-code", "train.csv", 3, "\"x\" is not a number");
    EXPECT_DEFECT("run-length-code", "train.csv", 4, "starts at 0");
    EXPECT_DEFECT("run-length-code", "train.csv", 6, "has length 0");
    EXPECT_DEFECT("duplicate-row", "train.csv", 3, "on line 2");
    EXPECT_DEFECT("duplicate-row", "train.csv", 4, "on line 2");
    EXPECT_DEFECT("duplicate-row", "train.csv", 6, "on line 5");
    EXPECT("defects.errors", 7);
    EXPECT("classes.0.area_mean", 4.0 / 24);
    json_decref(root);
}

Test(analysis, a_quote_without_an_end_costs_one_row)
{
    analyze_write_picture("a.png", 4, 6, 1, 60);
    analyze_write_text("train.csv", HEADER "a.png_Fish,\"1 1\na.png_Sugar,1 2\na.png_Gravel\n");
    json_t *root = analyze(1);
    EXPECT_DEFECT("row", "train.csv", 2, "no closing quote");
    EXPECT_DEFECT("row", "train.csv", 4, "1 columns");
    EXPECT("rows.count", 3);
    cr_expect_str_eq(json_string_value(at(root, "classes.0.name")), "Sugar");
    EXPECT("classes.0.images", 1);
    json_decref(root);
}

Test(analysis, every_defect_of_a_set_of_masks_is_named)
{
    uint8_t mask[24] = {0};
    cr_assert_eq(base_dir_create(folder_log, folder_file("set/masks")), NEPHOS_OK);
    analyze_write_text("classes.txt", "ground\ncloud\n");
    for (int i = 0; i < 6; i++) {
        char name[] = "a.png";
        name[0] = (char)('a' + i);
        analyze_write_picture(name, 4, 6, (uint32_t)i, 60);
    }
    analyze_write_picture("a.jpg", 4, 6, 9, 60);
    mask[5] = 1;
    cr_assert_eq(data_png_write(folder_log, folder_file("set/masks/a.png"), mask, 4, 6, 1), NEPHOS_OK);
    cr_assert_eq(data_png_write(folder_log, folder_file("set/masks/b.png"), mask, 6, 4, 1), NEPHOS_OK);
    mask[7] = mask[8] = 7;
    cr_assert_eq(data_png_write(folder_log, folder_file("set/masks/c.png"), mask, 4, 6, 1), NEPHOS_OK);
    folder_write(folder_file("set/masks/d.png"), "\x89PNG", 4);
    memset(mask, 255, 9);
    memset(mask + 9, 0, sizeof mask - 9);
    cr_assert_eq(data_png_write(folder_log, folder_file("set/masks/e.png"), mask, 4, 6, 1), NEPHOS_OK);
    cr_assert_eq(data_png_write(folder_log, folder_file("set/masks/lonely.png"), mask, 4, 6, 1), NEPHOS_OK);
    json_t *root = analyze(2);
    EXPECT_DEFECT("mask-size", "masks/b.png", 0, "is 6 x 4, its image b.png is 4 x 6");
    EXPECT_DEFECT("mask-value", "masks/c.png", 0, "2 pixels of no class, the least value is 7");
    EXPECT_DEFECT("mask", "masks/d.png", 0, "neither a PNG");
    EXPECT_DEFECT("black-and-white", "masks/e.png", 0, "0 and 255 only");
    EXPECT_DEFECT("missing-mask", "images/f.png", 0, "has no mask");
    EXPECT_DEFECT("unused-mask", "masks/lonely.png", 0, "no image");
    EXPECT_DEFECT("same-name", "images/a.png", 0, "in its extension only");
    EXPECT("images.labelled", 4);
    EXPECT("classes.1.images", 3);
    json_decref(root);
}

Test(analysis, an_unusual_size_is_a_warning)
{
    char csv[1024] = HEADER;
    for (int i = 0; i < 12; i++) {
        char name[] = "a.png";
        name[0] = (char)('a' + i);
        analyze_write_picture(name, i == 4 ? 5 : 4, 6, (uint32_t)i, 60);
        snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s_Fish,1 1\n", name);
    }
    analyze_write_text("train.csv", csv);
    json_t *root = analyze(2);
    EXPECT_DEFECT("odd-size", "images/e.png", 0, "is 5 x 6, most are 4 x 6");
    EXPECT("defects.errors", 0);
    json_decref(root);
}

// --- duplicates -------------------------------------------------------------------------------------------------------

Test(analysis, alike_images_are_found_and_leaks_told)
{
    analyze_write_picture("a.png", 64, 96, 1, 60);
    analyze_write_picture("b.png", 64, 96, 2, 60);
    analyze_write_picture("copy.png", 64, 96, 1, 60);
    analyze_write_picture("near.png", 64, 96, 1, 61); // a little brighter
    analyze_write_text("train.csv", HEADER "a.png_Fish,\nb.png_Fish,\ncopy.png_Fish,\nnear.png_Fish,1 1\n");
    analyze_write_text("split.csv", "image,split\na,train\nb,val\ncopy,train\nnear,val\n");
    json_t *root = analyze(2);
    EXPECT("duplicates.identical", 1);
    EXPECT("duplicates.near", 2);
    EXPECT("duplicates.leaks", 2);
    cr_expect_str_eq(json_string_value(at(root, "duplicates.pairs.0.a")), "a.png"); // leaks first
    cr_expect_str_eq(json_string_value(at(root, "duplicates.pairs.0.b")), "near.png");
    cr_expect(json_is_true(at(root, "duplicates.pairs.0.leak")));
    cr_expect_str_eq(json_string_value(at(root, "duplicates.pairs.2.b")), "copy.png");
    cr_expect(json_is_true(at(root, "duplicates.pairs.2.identical")));
    EXPECT_DEFECT("leak", "images/a.png", 0, "of train, is nearly the same as near.png of val");
    cr_expect_eq(result.leaks, 2);
    json_decref(root);
}

// --- the call ---------------------------------------------------------------------------------------------------------

Test(analysis, are_the_same_with_any_number_of_threads)
{
    char csv[4096] = HEADER;
    for (uint32_t i = 0; i < 40; i++) {
        char name[16];
        snprintf(name, sizeof name, "%02u.png", i);
        analyze_write_picture(name, 8 + i % 3 * 16, 12 + i % 5, i, 60);
        snprintf(csv + strlen(csv), sizeof csv - strlen(csv), "%s_Fish,%u 3 %u 70\n", name, i + 1, i + 30);
    }
    analyze_write_text("train.csv", csv);
    size_t size, other_size;
    json_decref(analyze(1));
    uint8_t *first = folder_read(folder_file("a.json"), &size);
    json_decref(analyze(7));
    uint8_t *second = folder_read(folder_file("a.json"), &other_size);
    cr_assert_eq(size, other_size);
    cr_expect_arr_eq(first, second, size);
    free(first);
    free(second);
}

static bool stop_at_second(void *user, const struct nephos_progress *progress)
{
    *(uint64_t *)user = progress->total;
    cr_expect_eq(progress->phase, NEPHOS_PHASE_ANALYZE);
    return progress->done < 2;
}

Test(analysis, can_be_interrupted_and_leave_nothing)
{
    uint64_t total = 0;
    make_small_set();
    const struct nephos_analyze_params params = {.data = folder_file("set"), .json = folder_file("a.json")};
    cr_expect_eq(nephos_analyze(folder_log, &params, stop_at_second, &total, NULL), NEPHOS_INTERRUPTED);
    cr_expect_eq(total, 3);
    cr_expect_not(base_file_exists(folder_file("a.json")));
}

Test(analysis, what_is_no_data_set_is_an_error)
{
    struct nephos_analyze_params params = {.data = folder_file("nowhere"), .json = folder_file("a.json")};
    cr_expect_eq(nephos_analyze(folder_log, &params, NULL, NULL, NULL), NEPHOS_ERROR_FILE);
    cr_expect(strstr(nephos_last_error(folder_log), "nowhere: there is no such folder"));
    params.data = folder_file("set");
    cr_expect_eq(nephos_analyze(folder_log, &params, NULL, NULL, NULL), NEPHOS_ERROR_DATA);
    cr_expect(strstr(nephos_last_error(folder_log), "no data set"));
    analyze_write_text("train.csv", "Image,Pixels\n");
    cr_expect_eq(nephos_analyze(folder_log, &params, NULL, NULL, NULL), NEPHOS_ERROR_DATA);
    cr_expect(strstr(nephos_last_error(folder_log), "no column \"Image_Label\""));
    params.near = 16;
    cr_expect_eq(nephos_analyze(folder_log, &params, NULL, NULL, NULL), NEPHOS_ERROR_ARGUMENT);
    cr_expect_eq(nephos_analyze(folder_log, NULL, NULL, NULL, NULL), NEPHOS_ERROR_ARGUMENT);
}
