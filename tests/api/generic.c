// SPDX-License-Identifier: MIT
// Masks with one class a pixel: both kinds of loss, and sizes that the network does not divide.
#include "api/api.h"

#include "data/data.h"

#include <sys/stat.h>

TestSuite(generic, .init = api_setup, .fini = api_teardown, .timeout = 600);

#define HEIGHT 40
#define WIDTH 52
#define COUNT 10
#define UNLABELLED 255

// Bright right of a border that moves from image to image: class 1; dark left of it: class 0; a corner without a label.
static void draw(uint32_t index, uint8_t *rgb, uint8_t *mask)
{
    for (uint32_t i = 0; i < HEIGHT * WIDTH; i++) {
        const uint32_t y = i / WIDTH, x = i % WIDTH;
        const bool bright = x >= 10 + 3 * index;
        for (uint32_t c = 0; c < 3; c++) rgb[3 * i + c] = (uint8_t)((bright ? 200 : 30) + (x * 7 + y * 13 + c) % 32);
        mask[i] = y < 5 && x < 5 ? UNLABELLED : bright;
    }
}

static void make_set(void)
{
    static uint8_t rgb[3 * HEIGHT * WIDTH], mask[HEIGHT * WIDTH];
    cr_assert_eq(mkdir(folder_file("two"), 0777), 0);
    cr_assert_eq(mkdir(folder_file("two/images"), 0777), 0);
    cr_assert_eq(mkdir(folder_file("two/masks"), 0777), 0);
    folder_write(folder_file("two/classes.txt"), "dark\nbright\n", 12);
    for (uint32_t i = 0; i < COUNT; i++) {
        char name[64];
        draw(i, rgb, mask);
        snprintf(name, sizeof name, "two/images/%02u.jpg", i);
        API_EXPECT(NEPHOS_OK, data_jpeg_write(api_log(), folder_file(name), rgb, HEIGHT, WIDTH, 3, 95));
        snprintf(name, sizeof name, "two/masks/%02u.png", i);
        API_EXPECT(NEPHOS_OK, data_png_write(api_log(), folder_file(name), mask, HEIGHT, WIDTH, 1));
    }
}

static enum nephos_status train(const char *run, const char *more)
{
    char text[512];
    snprintf(text, sizeof text, "data=%s height=40 width=52 %s", folder_file("two"), more);
    return api_train(run, text);
}

// The masks of the first image: sizes, and what each pixel has.
static void predict(const char *run, uint8_t **dark, uint8_t **bright)
{
    struct nephos_model *model = NULL;
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, folder_file(run), &model));
    const struct nephos_model_info *info = nephos_model_get_info(model);
    cr_assert(info->class_count == 2 && strcmp(info->classes[1], "bright") == 0);
    const char *const paths[] = {folder_file("two/images/00.jpg")};
    const struct nephos_predict_params params = {.paths = paths, .path_count = 1, .out_dir = folder_file("out")};
    API_EXPECT(NEPHOS_OK, nephos_predict_files(model, &params, NULL, NULL));
    uint32_t height, width;
    API_EXPECT(NEPHOS_OK, nephos_mask_read(api_log(), folder_file("out/00_dark.png"), dark, &height, &width));
    cr_assert(height == HEIGHT && width == WIDTH);
    API_EXPECT(NEPHOS_OK, nephos_mask_read(api_log(), folder_file("out/00_bright.png"), bright, &height, &width));
    cr_assert(height == HEIGHT && width == WIDTH);
    nephos_model_destroy(&model);
}

Test(generic, softmax_learns_one_class_a_pixel)
{
    uint8_t *dark, *bright;
    make_set();
    API_EXPECT(NEPHOS_OK, train("run", "loss=ce+dice encoder=none epochs=8 batch=2 lr=0.01 flip=none examples=2"));
    predict("run", &dark, &bright);
    uint32_t right = 0;
    for (uint32_t i = 0; i < HEIGHT * WIDTH; i++) {
        cr_assert_eq(dark[i] + bright[i], 1, "pixel %u has not exactly one class", i);
        right += bright[i] == (i % WIDTH >= 10);
    }
    cr_assert_gt(right, HEIGHT * WIDTH * 9 / 10, "%u of %u", right, HEIGHT * WIDTH);
    cr_assert_gt(api_history("run", 8, "val_dice"), 0.9);
    nephos_free(dark);
    nephos_free(bright);
}

// Without ce the mode is asked for.
Test(generic, every_term_learns_one_class_a_pixel)
{
    make_set();
    static const char *const losses[] = {"dice-positive+jaccard+tversky+focal-tversky+mcc+focal+lovasz", "ce"};
    static const char *const settings[] = {"", "class-weight=1,3 label-smoothing=0.1"};
    for (int i = 0; i < 2; i++) {
        char run[8], text[256];
        snprintf(run, sizeof run, "run%d", i);
        snprintf(text, sizeof text, "loss=%s class-mode=multiclass %s encoder=none epochs=5 batch=2 lr=0.01 flip=none examples=0", losses[i],
                 settings[i]);
        API_EXPECT(NEPHOS_OK, train(run, text));
        cr_expect_gt(api_history(run, 5, "val_dice"), 0.9, "%s: %g", losses[i], api_history(run, 5, "val_dice"));
    }
}

Test(generic, the_default_loss_takes_index_masks)
{
    uint8_t *dark, *bright;
    make_set();
    API_EXPECT(NEPHOS_OK, train("run", "encoder=none epochs=8 batch=2 lr=0.01 flip=none examples=2"));
    cr_assert_gt(api_history("run", 8, "val_dice"), 0.8);
    predict("run", &dark, &bright);
    nephos_free(dark);
    nephos_free(bright);
    struct nephos_model *model = NULL;
    struct nephos_scores scores = {0};
    API_EXPECT(NEPHOS_OK, nephos_model_load(api_device, folder_file("run"), &model));
    const struct nephos_evaluate_params params = {.data = folder_file("two"), .split = "all"};
    API_EXPECT(NEPHOS_OK, nephos_evaluate(model, &params, NULL, NULL, &scores));
    for (uint32_t c = 0; c < 2; c++) {
        const struct nephos_class_scores *k = &scores.classes[c];
        cr_assert_eq(k->tp + k->fp + k->fn + k->tn, COUNT * (HEIGHT * WIDTH - 25), "pixels without a label do not count");
    }
    nephos_scores_free(&scores);
    nephos_model_destroy(&model);
}

Test(generic, one_class_a_pixel_is_learned_from_changed_images)
{
    api_one_driver_is_enough();
    make_set();
    API_EXPECT(NEPHOS_OK, train("run", "loss=ce+dice encoder=none epochs=8 batch=4 lr=0.01 examples=0 augment=light augment-cutmix-p=0.3"));
    cr_assert_gt(api_history("run", 8, "val_dice"), 0.8);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, train("other", "loss=ce+dice encoder=none batch=4 augment-mixup-p=0.5"));
    api_expect_error("--augment-cutmix-p");
    cr_assert_eq(api_count_files(folder_file("other"), ""), 0);
}

// 40x52 is padded to 64x64 for the encoder; the padding is not seen from outside.
Test(generic, an_encoder_pads_sizes_it_does_not_divide)
{
    uint8_t *dark, *bright;
    make_set();
    API_EXPECT(NEPHOS_OK, train("run", "loss=ce+dice epochs=1 batch=2 examples=2"));
    predict("run", &dark, &bright);
    nephos_free(dark);
    nephos_free(bright);
}

Test(generic, cross_entropy_is_refused_where_classes_overlap)
{
    api_synth("clouds", 12, 32, 48);
    API_EXPECT(NEPHOS_ERROR_ARGUMENT, api_train("run", "loss=ce+dice"));
    api_expect_error("bce");
    cr_assert_eq(api_count_files(folder_file("run"), ""), 0);
}
