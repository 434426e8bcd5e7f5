// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(bce_with_logits, agrees_with_reference)
{
    op_test("bce_with_logits");
}
