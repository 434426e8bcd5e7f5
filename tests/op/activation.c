// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(relu, agrees_with_reference)
{
    op_test("relu");
}

Test(leaky_relu, agrees_with_reference)
{
    op_test("leaky_relu");
}

Test(sigmoid, agrees_with_reference)
{
    op_test("sigmoid");
}
