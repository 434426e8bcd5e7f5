// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(sum_squares, agrees_with_reference)
{
    op_test("sum_squares");
}
