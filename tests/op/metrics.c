// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(metrics, agrees_with_reference)
{
    op_test("metrics");
}

Test(metrics, counts_each_outcome)
{
    struct op_run run;
    op_run_open(&run);
    // One class; predictions are positive from probability 1/2 on: outcomes tp, fp, fn, tn, tp.
    const struct op_shape shape = {1, 1, 5, 1};
    const float z[5] = {3, 1, -1, -2, 0}, t[5] = {1, 0, 1, 0, 1};
    op_run_input(&run, shape, z);
    op_run_input(&run, shape, t);
    op_run(&run, "metrics", &(struct op_attr){0});
    const uint32_t *counts = (const uint32_t *)op_run_result(&run, 0);
    const uint32_t want[4] = {2, 1, 1, 1};
    for (int i = 0; i < 4; i++) cr_expect_eq(counts[i], want[i], "word %d is %u", i, counts[i]);
    cr_expect_eq(op_run_result(&run, 0)[6], 3);
    cr_expect_eq(counts[7], 0);
    op_run_close(&run);
}

Test(metrics, leaves_ignored_pixels_out)
{
    struct op_run run;
    op_run_open(&run);
    const float z[6] = {1, 0, 0, 1, 5, 0}, t[3] = {0, 0, 255};
    op_run_input(&run, (struct op_shape){1, 3, 1, 2}, z);
    op_run_input(&run, (struct op_shape){1, 3, 1, 1}, t);
    op_run(&run, "metrics", &(struct op_attr){.mode = 1, .ignore_index = 255});
    const uint32_t *counts = (const uint32_t *)op_run_result(&run, 0);
    const uint32_t want[2][4] = {{1, 0, 1, 0}, {0, 1, 0, 1}};
    for (int i = 0; i < 8; i++) cr_expect_eq(counts[i / 4 * 8 + i % 4], want[i / 4][i % 4]);
    op_run_close(&run);
}

// An image with more pixels than the groups take in one turn; no pixel may be lost or counted twice.
Test(metrics, counts_every_pixel_of_a_large_image)
{
    enum { PIXELS = 100003 };
    static float z[PIXELS], t[PIXELS];
    uint32_t want[4] = {0};
    for (int i = 0; i < PIXELS; i++) {
        z[i] = i % 5 < 2 ? 1.5f : -1.5f;
        t[i] = (float)(i % 7 < 3);
        want[z[i] > 0 ? (t[i] > 0 ? 0 : 1) : (t[i] > 0 ? 2 : 3)]++;
    }
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, (struct op_shape){1, 1, PIXELS, 1}, z);
    op_run_input(&run, (struct op_shape){1, 1, PIXELS, 1}, t);
    op_run(&run, "metrics", &(struct op_attr){0});
    const uint32_t *counts = (const uint32_t *)op_run_result(&run, 0);
    for (int i = 0; i < 4; i++) cr_expect_eq(counts[i], want[i]);
    op_run_close(&run);
}
