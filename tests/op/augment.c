// SPDX-License-Identifier: MIT
#include "augment.h"
#include "base/rng.h"
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include <string.h>

#define WORDS (sizeof(struct augment_record) / 4)
#define IDENTITY                                                                                                                           \
    {                                                                                                                                      \
        .affine = { 1, 0, 0, 0, 1, 0 }                                                                                                     \
    }

Test(augment, agrees_with_reference)
{
    op_test("augment");
}

enum { IMAGES = 3, HEIGHT = 9, WIDTH = 14, PIXELS = IMAGES * HEIGHT * WIDTH };
#define ATTR                                                                                                                               \
    {.changes = AUGMENT_ALL, .mode = 0, .channels = 4, .size = {16, 16}, .mean = {0.485f, 0.456f, 0.406f}, .std = { 0.229f, 0.224f, 0.225f }                    \
    }

static void draw_pixels(uint32_t *pixels)
{
    struct base_rng rng;
    base_rng_init(&rng, 0, BASE_RNG_TEST, 1);
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = base_rng_u32(&rng);
}

// The same images by unpack_image with flips, and by records that map each pixel to a pixel: no bit may differ.
static void expect_unpacked(const uint32_t *flags, const struct augment_record *records)
{
    static uint32_t pixels[PIXELS];
    static float image[IMAGES * 16 * 16 * 3], target[PIXELS * 4];
    const struct op_attr attr = ATTR;
    struct op_run run;
    draw_pixels(pixels);
    op_run_open(&run);
    op_run_input(&run, (struct op_shape){IMAGES, HEIGHT, WIDTH, 1}, pixels);
    op_run_input(&run, (struct op_shape){IMAGES, 1, 1, 1}, flags);
    op_run(&run, "unpack_image", &attr);
    memcpy(image, op_run_result(&run, 0), sizeof image);
    memcpy(target, op_run_result(&run, 1), sizeof target);
    op_run_input(&run, (struct op_shape){IMAGES, HEIGHT, WIDTH, 1}, pixels);
    op_run_input(&run, (struct op_shape){IMAGES, 1, 1, WORDS}, records);
    op_run(&run, "augment", &attr);
    cr_expect_eq(memcmp(image, op_run_result(&run, 0), sizeof image), 0, "image");
    cr_expect_eq(memcmp(target, op_run_result(&run, 1), sizeof target), 0, "target");
    op_run_close(&run);
}

Test(augment, changes_no_bit_where_nothing_is_asked_for)
{
    const struct augment_record records[IMAGES] = {IDENTITY, IDENTITY, IDENTITY};
    expect_unpacked((uint32_t[IMAGES]){0}, records);
}

Test(augment, flips_exactly)
{
    const struct augment_record records[IMAGES] = {{.affine = {-1, 0, WIDTH - 1, 0, 1, 0}},
                                                   {.affine = {1, 0, 0, 0, -1, HEIGHT - 1}},
                                                   {.affine = {-1, 0, WIDTH - 1, 0, -1, HEIGHT - 1}}};
    expect_unpacked((uint32_t[IMAGES]){1, 2, 3}, records);
}

// One image of one row, whose red and labels count its pixels.
static void run_row(struct op_run *run, const struct augment_record *record, uint32_t mode)
{
    const uint32_t pixels[4] = {0, 1 | 1u << 24, 2 | 2u << 24, 3 | 3u << 24};
    op_run_open(run);
    op_run_input(run, (struct op_shape){1, 1, 4, 1}, pixels);
    op_run_input(run, (struct op_shape){1, 1, 1, WORDS}, record);
    op_run(run, "augment", &(struct op_attr){.changes = AUGMENT_ALL, .mode = mode, .channels = 4, .std = {1 / 255.0f, 1, 1}});
}

Test(augment, interpolates_colours_and_mirrors_them_at_the_border)
{
    struct op_run run;
    const struct augment_record shifted = {.affine = {1, 0, -2.25f, 0, 1, 0}};
    run_row(&run, &shifted, 2);
    const float red[4] = {2.25f, 1.25f, 0.25f, 0.75f}, label[4] = {2, 1, 0, 1};
    for (int i = 0; i < 4; i++) {
        cr_expect_float_eq(op_run_result(&run, 0)[3 * i], red[i], 1e-5);
        cr_expect_eq(op_run_result(&run, 1)[i], label[i]);
    }
    op_run_close(&run);
}

Test(augment, leaves_holes_at_the_mean_and_keeps_their_labels)
{
    struct op_run run;
    const struct augment_record holed = {.affine = {1, 0, 0, 0, 1, 0}, .flags = AUGMENT_HOLES, .hole_count = 1, .holes = {1, 0, 3, 1}};
    run_row(&run, &holed, 2);
    for (int i = 0; i < 4; i++) {
        cr_expect_float_eq(op_run_result(&run, 0)[3 * i], i == 1 || i == 2 ? 0 : i, 1e-5);
        cr_expect_eq(op_run_result(&run, 1)[i], i);
    }
    op_run_close(&run);
}

// Two images of two pixels, red 0 and 100, labels 1 and 2.
static void run_pair(struct op_run *run, const struct augment_record *records)
{
    const uint32_t pixels[4] = {1u << 24, 1u << 24, 100 | 2u << 24, 100 | 2u << 24};
    op_run_open(run);
    op_run_input(run, (struct op_shape){2, 1, 2, 1}, pixels);
    op_run_input(run, (struct op_shape){2, 1, 1, WORDS}, records);
    op_run(run, "augment", &(struct op_attr){.changes = AUGMENT_ALL, .mode = 0, .channels = 2, .std = {1 / 255.0f, 1, 1}});
}

Test(augment, mixup_shares_colours_and_targets)
{
    struct op_run run;
    struct augment_record records[2] = {IDENTITY, IDENTITY};
    records[0].flags = AUGMENT_MIXUP;
    records[0].share = 0.75f;
    records[0].partner = 1;
    run_pair(&run, records);
    cr_expect_float_eq(op_run_result(&run, 0)[0], 25, 1e-4);
    cr_expect_float_eq(op_run_result(&run, 0)[6], 100, 1e-4, "the partner itself stays");
    const float target[4] = {0.75f, 0.25f, 0, 1};
    for (int i = 0; i < 2; i++) {
        cr_expect_eq(op_run_result(&run, 1)[i], target[i]);
        cr_expect_eq(op_run_result(&run, 1)[4 + i], target[2 + i]);
    }
    op_run_close(&run);
}

Test(augment, cutmix_shows_the_partner_inside_its_rectangle)
{
    struct op_run run;
    struct augment_record records[2] = {IDENTITY, IDENTITY};
    records[0].flags = AUGMENT_CUTMIX;
    records[0].partner = 1;
    memcpy(records[0].cutmix, (uint32_t[]){1, 0, 2, 1}, sizeof records[0].cutmix);
    run_pair(&run, records);
    const float red[2] = {0, 100}, target[4] = {1, 0, 0, 1};
    for (int i = 0; i < 2; i++)
        cr_expect_float_eq(op_run_result(&run, 0)[3 * i], red[i], 1e-4);
    for (int i = 0; i < 4; i++)
        cr_expect_eq(op_run_result(&run, 1)[i], target[i]);
    op_run_close(&run);
}

Test(augment, noise_has_the_deviation_it_is_told)
{
    enum { SIDE = 128, COUNT = SIDE * SIDE };
    static uint32_t grey[COUNT];
    for (int i = 0; i < COUNT; i++)
        grey[i] = 0x808080;
    struct augment_record record = IDENTITY;
    record.flags = AUGMENT_NOISE;
    record.noise = 10;
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, (struct op_shape){1, SIDE, SIDE, 1}, grey);
    op_run_input(&run, (struct op_shape){1, 1, 1, WORDS}, &record);
    op_run(&run, "augment", &(struct op_attr){.changes = AUGMENT_NOISE, .channels = 1, .std = {1 / 255.0f, 1 / 255.0f, 1 / 255.0f}});
    double sum = 0, squares = 0;
    for (int i = 0; i < 3 * COUNT; i++) {
        const double d = (double)op_run_result(&run, 0)[i] - 128;
        sum += d;
        squares += d * d;
    }
    // four standard deviations: 10 / sqrt(3 COUNT) = 0.045, of the square's mean 100 sqrt(2 / (3 COUNT)) = 0.64
    cr_expect_float_eq(sum / (3 * COUNT), 0, 0.18);
    cr_expect_float_eq(squares / (3 * COUNT), 100, 2.6);
    op_run_close(&run);
}

Test(augment, refuses_records_of_another_size)
{
    struct op_infer info = {.attr = &(struct op_attr){.channels = 3, .std = {1, 1, 1}},
                            .in = {{2, 4, 4, 1}, {2, 1, 1, WORDS - 1}},
                            .present = {true, true},
                            .in_count = 2,
                            .label = "augment"};
    cr_expect_eq(op_augment.infer(&info), NEPHOS_ERROR_ARGUMENT);
}
