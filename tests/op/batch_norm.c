// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(batch_norm, agrees_with_reference)
{
    op_test("batch_norm");
}

Test(batch_norm_infer, agrees_with_reference)
{
    op_test("batch_norm_infer");
}
