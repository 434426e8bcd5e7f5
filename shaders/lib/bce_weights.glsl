// SPDX-License-Identifier: MIT
// Weights of binary cross entropy, of element i with target t: x, the class's; y and z, the factors of z and of log(1 + exp(-z)).
#include "lib/class_weights.glsl"
CLASS_WEIGHT(class_weight_of, class_weight, class_weights, BCE_WEIGHTS)
CLASS_WEIGHT(pos_weight_of, pos_weight, pos_weights, BCE_WEIGHTS)

vec3 weights_of(uint i, float t)
{
    const uint c = i % push.classes;
    const float smooth_t = t * (1.0 - push.smoothing) + (1.0 - t) * push.smoothing;
    return vec3(class_weight_of(c), 1.0 - smooth_t, 1.0 + (pos_weight_of(c) - 1.0) * smooth_t);
}
