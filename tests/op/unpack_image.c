// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(unpack_image, agrees_with_reference)
{
    op_test("unpack_image");
}
