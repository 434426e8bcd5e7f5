// SPDX-License-Identifier: MIT
// One model, many ways in: images in memory, files, evaluation and the submission file tell the same.
#include "api/api.h"

#include "data/data.h"
#include "data/safetensors.h"
#include "post/post.h"

#include <math.h>
#include <unistd.h>

TestSuite(predict, .init = api_setup, .fini = api_teardown, .timeout = 600);

static struct nephos_model *load(const char *path)
{
    struct nephos_model *model = NULL;
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, path, &model));
    return model;
}

// A model of the synthetic clouds' classes that has learned next to nothing, in "run".
static struct nephos_model *make_model(void)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_OK, api_train("run", "examples=0"));
    return load(folder_file("run"));
}

static enum nephos_status predict_one(struct nephos_model *model, const char *image, const char *out, struct nephos_predict_params params)
{
    const char *const paths[] = {image};
    params.paths = paths;
    params.path_count = 1;
    params.out_dir = folder_file(out);
    return nephos_predict_files(model, &params, NULL, NULL);
}

static struct data_image picture(void) // 40x52, which divides by nothing
{
    struct data_image image = {.height = 40, .width = 52, .channels = 3, .pixels = malloc(40 * 52 * 3)};
    for (uint32_t i = 0; i < 40 * 52 * 3; i++)
        image.pixels[i] = (uint8_t)(i * 7 + i / 97 * 31);
    API_EXPECT(NEPHOS_OK, data_png_write(api_log(), folder_file("picture.png"), image.pixels, 40, 52, 3));
    return image;
}

// Set pixels of class c that `probs` says and the written mask does not.
static uint32_t count_differences(const float *probs, const char *path, uint32_t height, uint32_t width, float threshold)
{
    uint8_t *mask;
    uint32_t h, w, differences = 0;
    API_EXPECT(NEPHOS_OK, nephos_mask_read(api_log(), path, &mask, &h, &w));
    cr_assert(h == height && w == width, "%s is %ux%u", path, h, w);
    for (uint32_t i = 0; i < h * w; i++)
        differences += (probs[i] >= threshold) != (mask[i] != 0);
    nephos_free(mask);
    return differences;
}

// A threshold that about half of the pixels pass, so that masks are neither full nor empty.
static float middle(const float *probs, size_t count)
{
    float low = 1, high = 0;
    for (size_t i = 0; i < count; i++) {
        low = fminf(low, probs[i]);
        high = fmaxf(high, probs[i]);
    }
    return (low + high) / 2;
}

Test(predict, memory_files_and_submission_agree)
{
    struct nephos_model *model = make_model();
    const struct nephos_model_info *info = nephos_model_get_info(model);
    struct data_image image = picture();
    const size_t pixels = 40 * 52;
    float *probs = malloc(info->class_count * pixels * sizeof *probs);
    const struct nephos_image in_memory = {.pixels = image.pixels, .height = 40, .width = 52, .channels = 3, .bits = 8};
    API_EXPECT(NEPHOS_OK, nephos_model_predict(model, &in_memory, probs));
    const float threshold = middle(probs, pixels);
    const struct nephos_predict_params params = {.threshold = threshold, .csv = folder_file("a.csv")};
    API_EXPECT(NEPHOS_OK, predict_one(model, folder_file("picture.png"), "out", params));
    FILE *csv = fopen(folder_file("a.csv"), "r");
    char line[65536], expected[128];
    cr_assert(fgets(line, sizeof line, csv) && strcmp(line, "Image_Label,EncodedPixels\n") == 0);
    uint8_t decoded[40 * 52], *mask;
    uint32_t h, w;
    for (uint32_t c = 0; c < info->class_count; c++) {
        char file[96];
        snprintf(file, sizeof file, "picture_%s.png", info->classes[c]);
        cr_assert_eq(count_differences(probs + c * pixels, api_path("out", file), 40, 52, threshold), 0, "class %u", c);
        cr_assert_not_null(fgets(line, sizeof line, csv));
        line[strcspn(line, "\n")] = '\0';
        snprintf(expected, sizeof expected, "picture.png_%s,", info->classes[c]);
        cr_assert_eq(strncmp(line, expected, strlen(expected)), 0, "%s", line);
        API_EXPECT(NEPHOS_OK, nephos_rle_decode(api_log(), line + strlen(expected), 40, 52, decoded));
        API_EXPECT(NEPHOS_OK, nephos_mask_read(api_log(), api_path("out", file), &mask, &h, &w));
        cr_assert_arr_eq(mask, decoded, sizeof decoded);
        nephos_free(mask);
    }
    fclose(csv);
    cr_assert_eq(api_count_files(folder_file("out"), "_overlay.png"), 1);
    cr_assert_eq(api_count_files(folder_file("out"), ""), (int)info->class_count + 1);
    free(probs);
    data_image_free(&image);
    nephos_model_destroy(&model);
}

Test(predict, every_pixel_format_of_the_same_picture_gives_the_same)
{
    struct nephos_model *model = make_model();
    const size_t pixels = 40 * 52, count = nephos_model_get_info(model)->class_count * pixels;
    static uint8_t rgb[40][52 * 3], grey[40][52], rgba[40][52 * 4 + 5];
    static uint16_t deep[40][52 * 3 + 2];
    for (uint32_t y = 0; y < 40; y++) {
        for (uint32_t x = 0; x < 52; x++) {
            const uint8_t value = (uint8_t)(5 * x + 3 * y * y);
            grey[y][x] = value;
            for (uint32_t c = 0; c < 3; c++) {
                rgb[y][3 * x + c] = rgba[y][4 * x + c] = value;
                deep[y][3 * x + c] = (uint16_t)(value * 257);
            }
            rgba[y][4 * x + 3] = (uint8_t)(x * y);
        }
    }
    const struct nephos_image images[] = {
        {rgb, 40, 52, 3, 8, 0}, {grey, 40, 52, 1, 8, 0}, {rgba, 40, 52, 4, 8, sizeof rgba[0]}, {deep, 40, 52, 3, 16, sizeof deep[0]}};
    float *first = malloc(count * sizeof *first), *other = malloc(count * sizeof *other);
    API_EXPECT(NEPHOS_OK, nephos_model_predict(model, &images[0], first));
    for (size_t i = 0; i < count; i++)
        cr_assert(first[i] >= 0 && first[i] <= 1);
    for (size_t i = 1; i < ARRAY_COUNT(images); i++) {
        API_EXPECT(NEPHOS_OK, nephos_model_predict(model, &images[i], other));
        cr_assert_eq(memcmp(first, other, count * sizeof *first), 0, "format %zu", i);
    }
    struct nephos_image bad = images[0];
    bad.channels = 2;
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_predict(model, &bad, other));
    bad = images[0];
    bad.row_stride = 52 * 3 - 1;
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_predict(model, &bad, other));
    bad = images[0];
    bad.pixels = NULL;
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_predict(model, &bad, other));
    free(first);
    free(other);
    nephos_model_destroy(&model);
}

Test(predict, a_submission_has_the_frame_asked_for)
{
    struct nephos_model *model = make_model();
    struct data_image image = picture();
    struct nephos_predict_params params = {.threshold = 1e-6f, .csv = folder_file("a.csv"), .csv_height = 7, .csv_width = 9};
    API_EXPECT(NEPHOS_OK, predict_one(model, folder_file("picture.png"), "out", params));
    size_t size;
    char *text = (char *)folder_read(folder_file("a.csv"), &size);
    text[size] = '\0';
    cr_assert(strstr(text, ",1 63\n"), "all of 7x9 pixels pass this threshold: %.200s", text);
    free(text);
    params.csv_width = 0;
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, predict_one(model, folder_file("picture.png"), "other", params));
    cr_assert_neq(access(folder_file("other"), F_OK), 0, "nothing was made");
    data_image_free(&image);
    nephos_model_destroy(&model);
}

// The mask of the first class of the file `name`, mirrored left and right where `mirrored`.
static uint8_t *mask_of(const struct nephos_model *model, const char *out, const char *name, bool mirrored)
{
    char file[96];
    uint8_t *mask;
    uint32_t h, w;
    snprintf(file, sizeof file, "%s_%s.png", name, nephos_model_get_info(model)->classes[0]);
    API_EXPECT(NEPHOS_OK, nephos_mask_read(api_log(), api_path(out, file), &mask, &h, &w));
    cr_assert(h == 32 && w == 48);
    for (uint32_t i = 0; mirrored && i < h * w; i++) {
        const uint32_t other = i / w * w + w - 1 - i % w;
        if (other <= i) continue;
        const uint8_t kept = mask[i];
        mask[i] = mask[other];
        mask[other] = kept;
    }
    return mask;
}

static bool masks_mirror_each_other(struct nephos_model *model, const char *out, float threshold, const char *tta)
{
    const struct nephos_predict_params params = {.threshold = threshold, .tta = tta};
    API_EXPECT(NEPHOS_OK, predict_one(model, folder_file("plain.png"), out, params));
    API_EXPECT(NEPHOS_OK, predict_one(model, folder_file("mirrored.png"), out, params));
    uint8_t *plain = mask_of(model, out, "plain", false), *mirrored = mask_of(model, out, "mirrored", true);
    const bool same = memcmp(plain, mirrored, 32 * 48) == 0;
    nephos_free(plain);
    nephos_free(mirrored);
    return same;
}

Test(predict, with_flips_a_mirrored_image_gets_the_mirrored_mask)
{
    struct nephos_model *model = make_model();
    const struct nephos_model_info *info = nephos_model_get_info(model);
    cr_assert(info->height == 32 && info->width == 48, "the images are not resized");
    static uint8_t plain[32][48][3], mirrored[32][48][3];
    for (uint32_t i = 0; i < 32 * 48 * 3; i++) {
        const uint32_t y = i / 144, x = i / 3 % 48, c = i % 3;
        plain[y][x][c] = mirrored[y][47 - x][c] = (uint8_t)(i * i % 251 + x / 12);
    }
    API_EXPECT(NEPHOS_OK, data_png_write(api_log(), folder_file("plain.png"), &plain[0][0][0], 32, 48, 3));
    API_EXPECT(NEPHOS_OK, data_png_write(api_log(), folder_file("mirrored.png"), &mirrored[0][0][0], 32, 48, 3));
    float *probs = malloc((size_t)info->class_count * 32 * 48 * sizeof *probs);
    const struct nephos_image image = {.pixels = plain, .height = 32, .width = 48, .channels = 3, .bits = 8};
    API_EXPECT(NEPHOS_OK, nephos_model_predict(model, &image, probs));
    const float threshold = middle(probs, 32 * 48);
    cr_assert_not(masks_mirror_each_other(model, "none", threshold, "none"), "the network itself is not symmetric");
    cr_assert(masks_mirror_each_other(model, "flips", threshold, "flips"));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, predict_one(model, folder_file("plain.png"), "bad", (struct nephos_predict_params){.tta = "flip"}));
    api_expect_error("flips");
    cr_assert_neq(access(folder_file("bad"), F_OK), 0, "nothing was made");
    free(probs);
    nephos_model_destroy(&model);
}

// Copies a model file with one metadata value changed; `bias`, unless NAN, becomes the head's bias.
static void rewrite_model(const char *from, const char *to, const char *key, const char *value, float bias)
{
    struct safetensors *file = NULL;
    API_EXPECT(NEPHOS_OK, safetensors_open(api_log(), from, &file));
    struct safetensors_tensor *tensors = calloc(file->entry_count, sizeof *tensors);
    const char **metadata = calloc(2 * file->metadata_count, sizeof *metadata);
    float *biases = NULL;
    for (uint32_t i = 0; i < file->entry_count; i++) {
        const struct safetensors_entry *e = &file->entries[i];
        tensors[i] = (struct safetensors_tensor){e->name, e->dtype, e->rank, {0}, file->data + e->offset};
        memcpy(tensors[i].shape, e->shape, sizeof e->shape);
        if (isnan(bias) || strcmp(e->name, "segmentation_head.0.bias") != 0) continue;
        biases = malloc(e->size);
        for (uint64_t k = 0; k < e->size / sizeof *biases; k++)
            biases[k] = bias;
        tensors[i].data = biases;
    }
    cr_assert(isnan(bias) || biases, "no bias of the head");
    for (uint32_t i = 0; i < 2 * file->metadata_count; i++)
        metadata[i] = file->metadata[i];
    for (uint32_t i = 0; key && i < file->metadata_count; i++)
        if (strcmp(metadata[2 * i], key) == 0) metadata[2 * i + 1] = value;
    API_EXPECT(NEPHOS_OK, safetensors_write(api_log(), to, tensors, file->entry_count, metadata, file->metadata_count));
    free(biases);
    free(tensors);
    free(metadata);
    safetensors_close(&file);
}

static struct nephos_scores evaluate(const char *model_path, const char *data)
{
    struct nephos_model *model = load(model_path);
    struct nephos_scores scores = {0};
    const struct nephos_evaluate_params params = {.data = folder_file(data), .split = "all", .batch = NEPHOS_BATCH_AUTO};
    API_EXPECT(NEPHOS_OK, nephos_evaluate(model, &params, NULL, NULL, &scores));
    nephos_model_destroy(&model);
    return scores;
}

Test(predict, a_model_that_says_nothing_scores_the_share_of_empty_masks)
{
    struct nephos_model *model = make_model();
    nephos_model_destroy(&model);
    rewrite_model(api_path("run", "best.safetensors"), folder_file("silent.safetensors"), NULL, NULL, -1000);
    struct nephos_scores scores = evaluate(folder_file("silent.safetensors"), "clouds");
    cr_assert_eq(scores.image_count, 12);
    cr_assert_eq(scores.dice, scores.predict_nothing);
    cr_assert(scores.dice > 0 && scores.dice < 1, "the set has masks and empty ones: %g", scores.dice);
    for (uint32_t c = 0; c < scores.class_count; c++) {
        cr_assert_eq(scores.classes[c].tp, 0);
        cr_assert_eq(scores.classes[c].fp, 0);
        cr_assert_eq(scores.classes[c].fn + scores.classes[c].tn, 12u * 32 * 48);
    }
    nephos_scores_free(&scores);
    nephos_scores_free(&scores);
}

// Two images of 32x32, class "a" of two: the left half of the first, nothing of the second; "b" is nowhere.
static void write_halves(void)
{
    API_EXPECT(NEPHOS_OK, nephos_synth(api_log(), &(struct nephos_synth_params){folder_file("halves"), 2, 32, 32, 1}));
    struct data_set *set = NULL;
    API_EXPECT(NEPHOS_OK, data_set_open(api_log(), folder_file("halves"), &set));
    FILE *csv = fopen(folder_file("halves/train.csv"), "w");
    const char *first = set->samples[0].name, *second = set->samples[1].name;
    fprintf(csv, "Image_Label,EncodedPixels\n%s_a,1 512\n%s_b,\n%s_a,\n%s_b,\n", first, first, second, second);
    fclose(csv);
    data_set_close(&set);
    folder_write(folder_file("halves/classes.txt"), "a\nb\n", 4);
}

Test(predict, dice_is_that_of_the_competition)
{
    char data[256];
    write_halves();
    snprintf(data, sizeof data, "data=%s batch=1 height=32 width=32 encoder=none examples=0", folder_file("halves"));
    API_EXPECT(NEPHOS_OK, api_train("run", data));
    rewrite_model(api_path("run", "best.safetensors"), folder_file("loud.safetensors"), NULL, NULL, 1000);
    struct nephos_scores scores = evaluate(folder_file("loud.safetensors"), "halves");
    // Everything predicted: a of the first image has 2 * 512 / (1024 + 512), the three empty masks 0.
    cr_assert_float_eq(scores.classes[0].dice, 2.0 / 3 / 2, 1e-12);
    cr_assert_eq(scores.classes[1].dice, 0);
    cr_assert_float_eq(scores.dice, 2.0 / 3 / 4, 1e-12);
    cr_assert_float_eq(scores.predict_nothing, 3.0 / 4, 1e-12);
    cr_assert_float_eq(scores.classes[0].iou, 512.0 / 2048, 1e-12);
    cr_assert_eq(scores.classes[1].iou, 0, "predicted and nowhere true");
    cr_assert_eq(scores.classes[0].tp, 512);
    cr_assert_eq(scores.classes[0].fp, 1536);
    nephos_scores_free(&scores);
}

Test(predict, files_that_would_be_written_twice_are_refused)
{
    struct nephos_model *model = make_model();
    const struct nephos_model_info *info = nephos_model_get_info(model);
    struct data_image image = picture();
    API_EXPECT(NEPHOS_OK, data_jpeg_write(api_log(), folder_file("picture.jpg"), image.pixels, 40, 52, 3, 90));
    const char *paths[] = {folder_file("picture.png"), folder_file("picture.jpg")};
    struct nephos_predict_params params = {.paths = paths, .path_count = 2, .out_dir = folder_file("out")};
    const enum nephos_status status = nephos_predict_files(model, &params, NULL, NULL);
    cr_assert(status == NEPHOS_ERROR_DATA || status == NEPHOS_ERROR_ARGUMENT);
    api_expect_error("picture");
    cr_assert_eq(api_count_files(folder_file("out"), ""), 0);

    char classes[512] = "";
    for (uint32_t c = 0; c < info->class_count; c++)
        sprintf(classes + strlen(classes), "%s%s", c ? "\n" : "", c ? info->classes[c] : "overlay");
    nephos_model_destroy(&model);
    rewrite_model(api_path("run", "best.safetensors"), folder_file("odd.safetensors"), "classes", classes, NAN);
    model = load(folder_file("odd.safetensors"));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, predict_one(model, folder_file("picture.png"), "out", (struct nephos_predict_params){0}));
    api_expect_error("picture_overlay.png");
    data_image_free(&image);
    nephos_model_destroy(&model);
}

Test(predict, a_class_name_can_not_lead_out_of_the_folder)
{
    struct nephos_model *model = make_model();
    char classes[512] = "../../x";
    for (uint32_t c = 1; c < nephos_model_get_info(model)->class_count; c++)
        sprintf(classes + strlen(classes), "\n%s", nephos_model_get_info(model)->classes[c]);
    nephos_model_destroy(&model);
    rewrite_model(api_path("run", "best.safetensors"), folder_file("odd.safetensors"), "classes", classes, NAN);
    API_EXPECT(NEPHOS_ERROR_DATA, nephos_model_load(api_device, folder_file("odd.safetensors"), &model));
    api_expect_error("../../x");
    cr_assert_null(model);
}

Test(predict, an_ensemble_is_the_mean_of_its_models)
{
    struct nephos_model *model = make_model(), *silent, *odd;
    const struct nephos_model_info *info = nephos_model_get_info(model);
    rewrite_model(api_path("run", "best.safetensors"), folder_file("silent.safetensors"), NULL, NULL, -1000);
    rewrite_model(api_path("run", "best.safetensors"), folder_file("odd.safetensors"), "height", "64", NAN);
    silent = load(folder_file("silent.safetensors"));
    odd = load(folder_file("odd.safetensors"));
    struct data_image image = picture();
    float *probs = malloc((size_t)info->class_count * 40 * 52 * sizeof *probs);
    const struct nephos_image in_memory = {.pixels = image.pixels, .height = 40, .width = 52, .channels = 3, .bits = 8};
    API_EXPECT(NEPHOS_OK, nephos_model_predict(model, &in_memory, probs));
    // The silent model's probabilities are 0: halves of the others' are left, to the bit.
    const float threshold = middle(probs, 40 * 52);
    const struct nephos_predict_params params = {.threshold = threshold / 2, .others = &silent, .other_count = 1};
    API_EXPECT(NEPHOS_OK, predict_one(model, folder_file("picture.png"), "out", params));
    char file[96];
    snprintf(file, sizeof file, "picture_%s.png", info->classes[0]);
    cr_assert_eq(count_differences(probs, api_path("out", file), 40, 52, threshold), 0);
    const struct nephos_predict_params unlike = {.others = &odd, .other_count = 1};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, predict_one(model, folder_file("picture.png"), "bad", unlike));
    api_expect_error("64x48");
    cr_assert_neq(access(folder_file("bad"), F_OK), 0, "nothing was made");
    free(probs);
    data_image_free(&image);
    nephos_model_destroy(&odd);
    nephos_model_destroy(&silent);
    nephos_model_destroy(&model);
}

// The masks that `params` give of "picture.png" in the folder `out`, masks[class][40 * 52].
static uint8_t *masks_of(struct nephos_model *model, const char *out, struct nephos_predict_params params)
{
    const struct nephos_model_info *info = nephos_model_get_info(model);
    uint8_t *masks = malloc(info->class_count * 40 * 52), *mask;
    uint32_t h, w;
    API_EXPECT(NEPHOS_OK, predict_one(model, folder_file("picture.png"), out, params));
    for (uint32_t c = 0; c < info->class_count; c++) {
        char file[96];
        snprintf(file, sizeof file, "picture_%s.png", info->classes[c]);
        API_EXPECT(NEPHOS_OK, nephos_mask_read(api_log(), api_path(out, file), &mask, &h, &w));
        memcpy(masks + (size_t)c * 40 * 52, mask, 40 * 52);
        nephos_free(mask);
    }
    return masks;
}

Test(predict, masks_are_cleaned_up_as_asked_for)
{
    api_one_driver_is_enough();
    struct nephos_model *model = make_model();
    const uint32_t classes = nephos_model_get_info(model)->class_count;
    struct data_image image = picture();
    float *probs = malloc((size_t)classes * 40 * 52 * sizeof *probs);
    const struct nephos_image in_memory = {.pixels = image.pixels, .height = 40, .width = 52, .channels = 3, .bits = 8};
    API_EXPECT(NEPHOS_OK, nephos_model_predict(model, &in_memory, probs));
    const float threshold = middle(probs, 40 * 52);
    uint8_t *plain = masks_of(model, "plain", (struct nephos_predict_params){.threshold = threshold});
    static const struct {
        struct nephos_post_params params;
        struct post_rule rule;
    } cases[] = {
        {{.fill_holes = true}, {.fill_holes = true}},
        {{.min_area = 9}, {.min_area = 9, .frame = 32 * 48}},
        {{.shape = "convex"}, {.shape = POST_SHAPE_CONVEX}},
        {{.fill_holes = true, .min_area = 5, .shape = "rectangle"}, {5, 32 * 48, POST_SHAPE_RECTANGLE, true}},
    };
    uint32_t changed = 0;
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        char out[16];
        snprintf(out, sizeof out, "clean%zu", i);
        uint8_t *clean = masks_of(model, out, (struct nephos_predict_params){.threshold = threshold, .post = cases[i].params});
        uint8_t *expected = malloc((size_t)classes * 40 * 52);
        memcpy(expected, plain, (size_t)classes * 40 * 52);
        API_EXPECT(NEPHOS_OK, post_masks(api_log(), &cases[i].rule, expected, classes, 40, 52));
        cr_assert_arr_eq(clean, expected, (size_t)classes * 40 * 52, "case %zu", i);
        changed += memcmp(plain, expected, (size_t)classes * 40 * 52) != 0;
        free(clean);
        free(expected);
    }
    cr_assert_geq(changed, 2, "the plain masks leave something to clean up");
    struct nephos_scores scores = {0};
    const struct nephos_evaluate_params params = {
        .data = folder_file("clouds"), .split = "all", .threshold = 1e-6f, .post = {.min_area = 32 * 48 + 1}};
    API_EXPECT(NEPHOS_OK, nephos_evaluate(model, &params, NULL, NULL, &scores));
    cr_assert_eq(scores.dice, scores.predict_nothing, "no component has more pixels than there are");
    nephos_scores_free(&scores);
    free(plain);
    free(probs);
    data_image_free(&image);
    nephos_model_destroy(&model);
}

Test(predict, clean_up_that_can_not_be_done_is_refused_before_anything_is_written)
{
    api_one_driver_is_enough();
    struct nephos_model *model = make_model();
    struct data_image image = picture();
    struct nephos_predict_params params = {.post.shape = "rectangel"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, predict_one(model, folder_file("picture.png"), "out", params));
    api_expect_error("did you mean 'rectangle'?");
    nephos_model_destroy(&model);
    rewrite_model(api_path("run", "best.safetensors"), folder_file("exclusive.safetensors"), "activation", "softmax", NAN);
    model = load(folder_file("exclusive.safetensors"));
    params.post = (struct nephos_post_params){.shape = "convex"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, predict_one(model, folder_file("picture.png"), "out", params));
    api_expect_error("exclude each other");
    params.post = (struct nephos_post_params){.fill_holes = true};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, predict_one(model, folder_file("picture.png"), "out", params));
    cr_assert_neq(access(folder_file("out"), F_OK), 0, "nothing was made");
    params.post = (struct nephos_post_params){.min_area = 4};
    API_EXPECT(NEPHOS_OK, predict_one(model, folder_file("picture.png"), "out", params));
    data_image_free(&image);
    nephos_model_destroy(&model);
}

Test(predict, null_arguments_are_refused)
{
    struct nephos_model *model = make_model();
    struct nephos_scores scores;
    const char *const none[] = {NULL};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_load(api_device, NULL, &model));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_model_predict(model, NULL, NULL));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_predict_files(NULL, NULL, NULL, NULL));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_predict_files(model, NULL, NULL, NULL));
    const struct nephos_predict_params nameless = {.paths = none, .path_count = 1, .out_dir = "x"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_predict_files(model, &nameless, NULL, NULL));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_evaluate(model, NULL, NULL, NULL, &scores));
    const struct nephos_evaluate_params unknown = {.data = folder_file("clouds"), .split = "some"};
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_evaluate(model, &unknown, NULL, NULL, &scores));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_train(api_device, NULL, NULL, NULL));
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, nephos_train(NULL, NULL, NULL, NULL));
    cr_assert_null(nephos_model_get_info(NULL));
    nephos_model_destroy(NULL);
    nephos_scores_free(NULL);
    nephos_model_destroy(&model);
    nephos_model_destroy(&model);
}
