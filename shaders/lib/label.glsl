// SPDX-License-Identifier: MIT
// Class labels stored as floats.
const uint NO_LABEL = 0xffffffffu;

// The class, or NO_LABEL for the ignored index (0: none is) and for everything that is no class.
uint label_index(float value, uint classes, uint ignore_index)
{
    if (!(value >= 0.0 && value < float(classes))) return NO_LABEL;
    const uint index = uint(value);
    return ignore_index != 0 && index == ignore_index ? NO_LABEL : index;
}
