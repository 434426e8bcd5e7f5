// SPDX-License-Identifier: MIT
// The step uniform; define STEP_BINDING (the last binding of the kernel) before including.
#include "step.h"
layout(std140, binding = STEP_BINDING) uniform step_block
{
    step_values now;
};
