// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(adamw, agrees_with_reference)
{
    op_test("adamw");
}
