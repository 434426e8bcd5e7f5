// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(crop, agrees_with_reference)
{
    op_test("crop");
}

Test(upsample_nearest, agrees_with_reference)
{
    op_test("upsample_nearest");
}

Test(upsample_bilinear, agrees_with_reference)
{
    op_test("upsample_bilinear");
}
