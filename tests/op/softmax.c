// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(softmax, agrees_with_reference)
{
    op_test("softmax");
}
