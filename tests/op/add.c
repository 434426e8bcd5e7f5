// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(add, agrees_with_reference)
{
    op_test("add");
}

Test(scale, agrees_with_reference)
{
    op_test("scale");
}

Test(weighted_sum, agrees_with_reference)
{
    op_test("weighted_sum");
}

Test(fill, agrees_with_reference)
{
    op_test("fill");
}
