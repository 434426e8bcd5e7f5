// SPDX-License-Identifier: MIT
// Bilinear taps along one axis. Pixels are areas, their centres at half-integers: output o of `to` reads at
// (o + 1/2) from / to - 1/2, not below 0, from the elements before and behind. Integers keep the positions exact; sizes are
// at most 2^15 (infer checks), so products fit 32 bits.
struct taps {
    uint low, high;
    float weight; // of high; low has the rest
};

taps taps_of(uint o, uint from, uint to)
{
    const uint doubled = (2 * o + 1) * from, unit = 2 * to;
    const uint position = doubled > to ? doubled - to : 0; // in 1 / unit
    taps t;
    t.low = position / unit;
    t.high = min(t.low + 1, from - 1);
    t.weight = float(position % unit) / float(unit);
    return t;
}

float tap_weight(taps t, uint i)
{
    return (t.low == i ? 1.0 - t.weight : 0.0) + (t.high == i ? t.weight : 0.0);
}

// Outputs that may read element i: first .. end - 1. Positions between i - 1 and i + 1 do, and all past the last element.
uint taps_first(uint i, uint from, uint to)
{
    return i == 0 ? 0 : (2 * i - 1) * to / (2 * from);
}

uint taps_end(uint i, uint from, uint to)
{
    return i + 1 >= from ? to : min((2 * i + 3) * to / (2 * from) + 1, to);
}
