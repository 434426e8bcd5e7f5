// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(max_pool2d, agrees_with_reference)
{
    op_test("max_pool2d");
}

Test(avg_pool2d, agrees_with_reference)
{
    op_test("avg_pool2d");
}

Test(global_avg_pool, agrees_with_reference)
{
    op_test("global_avg_pool");
}
