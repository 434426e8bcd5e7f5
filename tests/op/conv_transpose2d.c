// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(conv_transpose2d, agrees_with_the_reference_in_values_and_gradients)
{
    op_test("conv_transpose2d");
}
