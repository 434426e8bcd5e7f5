// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

extern const struct check_op check_conv2d_prologue;

Test(conv2d, agrees_with_the_reference_in_values_and_gradients)
{
    op_test_part(check_find("conv2d"), 0, 2);
}

Test(conv2d, agrees_with_the_reference_in_further_cases)
{
    op_test_part(check_find("conv2d"), 1, 2);
}

Test(conv2d_prologue, agrees_with_the_reference_in_values_and_gradients_of_weights)
{
    op_test_check(&check_conv2d_prologue);
}
