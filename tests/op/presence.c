// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(presence, agrees_with_reference)
{
    op_test("presence");
}

Test(presence, finds_a_single_pixel_of_a_large_image)
{
    enum { PIXELS = 1031, CLASSES = 3 };
    static float t[2 * PIXELS * CLASSES];
    struct op_run run;
    t[(PIXELS - 1) * CLASSES + 2] = 1;  // the last pixel of the first image
    t[PIXELS * CLASSES + 500 * CLASSES] = 1;
    op_run_open(&run);
    op_run_input(&run, (struct op_shape){2, 1, PIXELS, CLASSES}, t);
    op_run(&run, "presence", &(struct op_attr){.channels = CLASSES});
    const float want[6] = {0, 0, 1, 1, 0, 0};
    for (int i = 0; i < 6; i++) cr_expect_eq(op_run_result(&run, 0)[i], want[i], "class %d of image %d", i % 3, i / 3);
    op_run_close(&run);
}
