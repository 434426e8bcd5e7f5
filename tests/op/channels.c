// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(concat, agrees_with_reference)
{
    op_test("concat");
}

Test(upsample_concat, agrees_with_reference)
{
    op_test("upsample_concat");
}

Test(slice_c, agrees_with_reference)
{
    op_test("slice_c");
}
