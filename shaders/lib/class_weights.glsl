// SPDX-License-Identifier: MIT
// Weights of classes among the push constants: none, one for all, or one each. The loop's index is the same for all invocations, as
// an index into push constants has to be.
#define CLASS_WEIGHT(name, list, count, most)                                               \
    float name(uint c)                                                                      \
    {                                                                                       \
        if (push.count == 0) return 1.0;                                                    \
        float weight = push.list[0];                                                        \
        for (uint k = 1; k < most && k < push.count; k++) weight = k == c ? push.list[k] : weight; \
        return weight;                                                                      \
    }
