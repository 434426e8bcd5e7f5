// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(unpack_image, agrees_with_reference)
{
    op_test("unpack_image");
}

Test(unpack_image, flips_image_and_target_alike)
{
    struct op_run run;
    op_run_open(&run);
    // Red counts the pixels, the label byte is the same number.
    const uint32_t pixels[6] = {0, 1 | 1u << 24, 2 | 2u << 24, 3 | 3u << 24, 4 | 4u << 24, 5 | 5u << 24}, flags = 3;
    op_run_input(&run, (struct op_shape){1, 2, 3, 1}, pixels);
    op_run_input(&run, op_scalar(), &flags);
    op_run(&run, "unpack_image", &(struct op_attr){.mode = 2, .size = {3, 4}, .std = {1 / 255.0f, 1, 1}});
    const float red[12] = {5, 4, 3, 3, 2, 1, 0, 0, 2, 1, 0, 0};
    for (int i = 0; i < 12; i++) cr_expect_float_eq(op_run_result(&run, 0)[3 * i], red[i], 1e-5);
    for (int i = 0; i < 6; i++) cr_expect_eq(op_run_result(&run, 1)[i], 5 - i);
    op_run_close(&run);
}

Test(unpack_image, gives_unlabelled_pixels_no_class)
{
    struct op_run run;
    op_run_open(&run);
    const uint32_t pixels[2] = {255u << 24, 1u << 24}, flags = 0;
    op_run_input(&run, (struct op_shape){1, 1, 2, 1}, pixels);
    op_run_input(&run, op_scalar(), &flags);
    op_run(&run, "unpack_image", &(struct op_attr){.mode = 1, .channels = 3, .std = {1, 1, 1}});
    const float want[6] = {0, 0, 0, 0, 1, 0};
    for (int i = 0; i < 6; i++) cr_expect_eq(op_run_result(&run, 1)[i], want[i]);
    op_run_close(&run);
}

Test(unpack_image, refuses_more_classes_than_bits)
{
    struct op_infer info = {.attr = &(struct op_attr){.channels = 9, .std = {1, 1, 1}},
                            .in = {{1, 4, 4, 1}, {1, 1, 1, 1}},
                            .present = {true, true},
                            .in_count = 2,
                            .label = "unpack"};
    cr_expect_eq(op_unpack_image.infer(&info), NEPHOS_ERROR_ARGUMENT);
}
