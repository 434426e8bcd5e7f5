// SPDX-License-Identifier: MIT
#include "op/op_test.h"

#include <criterion/criterion.h>

Test(dice_loss, agrees_with_reference)
{
    op_test("dice_loss");
}
