// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(clip_scale, agrees_with_reference)
{
    op_test("clip_scale");
}
