// SPDX-License-Identifier: MIT
// Logits and targets of sigmoids as rows of LANES elements, for kernels whose push struct has `classes`, a divisor of LANES: a lane
// keeps its class. A row holds PIXELS pixels.
#include "lib/lane_rows.glsl"
#include "lib/numerics.glsl"
#define PIXELS (LANES / push.classes)
#define LANE_CLASS (lane % push.classes)
#define LANE_PIXEL (lane / push.classes)
