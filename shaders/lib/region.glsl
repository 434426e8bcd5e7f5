// SPDX-License-Identifier: MIT
// Losses of the sums over a region, p t, p and t, where p is the probability and t the target of a pixel: from these come
// TP = sum(p t), FP = sum(p) - TP, FN = sum(t) - TP and TN. For kernels of one workgroup of REDUCE_SIZE invocations that have `push`.
layout(constant_id = 0) const uint FORM = REGION_DICE;
layout(constant_id = 1) const bool SOFTMAX = false; // a pixel has one class or none
layout(std430, binding = 0) readonly buffer sums_block { float sums[]; }; // [segments][3][classes]
REDUCE_SUM(float, sum_float)
REDUCE_SUM(vec2, sum_vec2)

const float MCC_EPS = 1e-5; // pixels, added to each of the four numbers

struct region {
    float pt, p, t;
};

region region_of(uint pair)
{
    const uint base = pair / push.classes * 3 * push.classes + pair % push.classes;
    return region(sums[base], sums[base + push.classes], sums[base + 2 * push.classes]);
}

uint pair_count()
{
    return push.segments * push.classes;
}

// Pixels that have a label.
float labelled_pixels()
{
    if (FORM != REGION_MCC) return 0.0; // nobody asks
    if (!SOFTMAX) return float(push.pixels);
    float t = 0.0;
    for (uint pair = gl_LocalInvocationIndex; pair < pair_count(); pair += REDUCE_SIZE) t += region_of(pair).t;
    return sum_float(t);
}

// A quotient's numerator and denominator, and the derivatives of the denominator by sum(p t) and by sum(p).
struct quotient {
    float over, under, by_pt, by_p;
};

quotient limited(float over, float under, float least, float by_pt, float by_p)
{
    return under > least ? quotient(over, under, by_pt, by_p) : quotient(over, least, 0.0, 0.0);
}

quotient overlap(region r)
{
    if (FORM == REGION_JACCARD) return limited(r.pt, r.p + r.t - r.pt, 1e-7, -1.0, 1.0);
    if (FORM == REGION_TVERSKY || FORM == REGION_FOCAL_TVERSKY)
        return limited(r.pt, r.pt + push.alpha * (r.p - r.pt) + push.beta * (r.t - r.pt), 1e-7, 1.0 - push.alpha - push.beta, push.alpha);
    return limited(2.0 * r.pt, r.p + r.t, 2e-7, 0.0, 1.0);
}

// TP TN - FP FN, and the root of (TP + FP)(TP + FN)(TN + FP)(TN + FN).
vec2 correlation(region r, float pixels)
{
    const float over = pixels * r.pt - r.p * r.t + MCC_EPS * (pixels - 2.0 * (r.p + r.t) + 4.0 * r.pt);
    const vec4 sides = vec4(r.p, pixels - r.p, r.t, pixels - r.t) + 2.0 * MCC_EPS;
    return vec2(over, sqrt(sides.x * sides.y) * sqrt(sides.z * sides.w));
}

float region_loss(region r, float pixels)
{
    if (FORM == REGION_MCC) {
        const vec2 parts = correlation(r, pixels);
        return 1.0 - parts.x / parts.y;
    }
    const quotient q = overlap(r);
    return r.t > 0.0 ? 1.0 - q.over / q.under : 0.0;
}

// Derivatives of region_loss by sum(p t) and by sum(p).
vec2 region_slope(region r, float pixels)
{
    if (FORM == REGION_MCC) {
        const vec2 parts = correlation(r, pixels);
        const float lean = 0.5 * (1.0 / (r.p + 2.0 * MCC_EPS) - 1.0 / (pixels - r.p + 2.0 * MCC_EPS));
        return vec2(-(pixels + 4.0 * MCC_EPS), r.t + 2.0 * MCC_EPS + parts.x * lean) / parts.y;
    }
    const quotient q = overlap(r);
    const float by_over = FORM == REGION_JACCARD || FORM == REGION_TVERSKY || FORM == REGION_FOCAL_TVERSKY ? 1.0 : 2.0;
    const float pull = q.over / (q.under * q.under);
    return r.t > 0.0 ? vec2(pull * q.by_pt - by_over / q.under, pull * q.by_p) : vec2(0.0);
}

// The mean over the classes, or over those pairs of image and class that have a pixel (x), and its divisor (y).
vec2 mean_loss(float pixels)
{
    vec2 sum = vec2(0.0);
    for (uint pair = gl_LocalInvocationIndex; pair < pair_count(); pair += REDUCE_SIZE) {
        const region r = region_of(pair);
        sum += vec2(region_loss(r, pixels), r.t > 0.0 ? 1.0 : 0.0);
    }
    const vec2 total = sum_vec2(sum);
    const float divisor = FORM == REGION_DICE_POSITIVE ? max(total.y, 1.0) : float(push.classes);
    return vec2(total.x / divisor, divisor);
}
