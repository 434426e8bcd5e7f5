// SPDX-License-Identifier: MIT
#include "op/op_run.h"
#include "op/op_test.h"

#include <criterion/criterion.h>
#include "base/rng.h"

Test(dropout, agrees_with_reference)
{
    op_test("dropout");
}

// The mask shows 1 of the 32 random bits, so the words must agree in every block for it to agree.
Test(dropout, draws_what_the_host_generator_draws)
{
    enum { COUNT = 1003 };
    static float ones[COUNT];
    for (int i = 0; i < COUNT; i++) ones[i] = 1;
    struct op_run run;
    op_run_open(&run);
    const uint32_t seeds[][2] = {{0, 0}, {1, 0}, {0, 1}, {0xffffffffu, 0x89abcdefu}};
    for (uint32_t round = 0; round < 4; round++) {
        run.step.seed_lo = seeds[round][0];
        run.step.seed_hi = seeds[round][1];
        run.step.count = 1 + 1000 * round;
        op_run_input(&run, op_vector(COUNT), ones);
        op_run(&run, "dropout", &(struct op_attr){.p = 0.5f, .seed_id = 7 + round});
        for (uint32_t i = 0; i < COUNT; i++) {
            const uint32_t counter[4] = {i / 4, run.step.count, 7 + round, BASE_RNG_DROPOUT};
            uint32_t words[4];
            base_philox(counter, seeds[round], words);
            cr_expect_eq(op_run_result(&run, 0)[i], words[i % 4] >> 31 ? 2 : 0, "round %u element %u", round, i);
        }
    }
    op_run_close(&run);
}

Test(dropout, drops_the_share_it_is_told)
{
    enum { COUNT = 40000 };
    static float ones[COUNT];
    for (int i = 0; i < COUNT; i++) ones[i] = 1;
    struct op_run run;
    op_run_open(&run);
    op_run_input(&run, op_vector(COUNT), ones);
    op_run(&run, "dropout", &(struct op_attr){.p = 0.3f});
    double sum = 0;
    for (int i = 0; i < COUNT; i++) sum += (double)op_run_result(&run, 0)[i];
    cr_expect_float_eq(sum / COUNT, 1, 0.014); // four standard deviations: sqrt(0.3 / 0.7 / COUNT) = 0.0033
    op_run_close(&run);
}

Test(dropout, refuses_to_drop_everything)
{
    struct op_infer info = {.attr = &(struct op_attr){.p = 1}, .in = {{1, 1, 1, 4}}, .present = {true}, .in_count = 1, .label = "drop"};
    cr_expect_eq(op_dropout.infer(&info), NEPHOS_ERROR_ARGUMENT);
}
