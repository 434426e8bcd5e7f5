// SPDX-License-Identifier: MIT
// The focal loss of one element: with u = z where the target is 1, else -z, and q = sigmoid(-u), the share of the probability that is
// missing, it is w q^gamma (-log(1 - q)). For kernels with `push` and lib/classes.glsl.
float power(float q)
{
    return push.gamma == 0.0 ? 1.0 : pow(q, push.gamma);
}

float weight_of(bool positive)
{
    return push.alpha == 0.0 ? 1.0 : positive ? push.alpha : 1.0 - push.alpha;
}

float missing_log(float u)
{
    return max(-u, 0.0) + log_1p_small(exp(-abs(u)));
}

float focal_loss(float z, bool positive)
{
    const float u = positive ? z : -z;
    return weight_of(positive) * power(sigmoid(-u)) * missing_log(u);
}

float focal_slope(float z, bool positive)
{
    const float u = positive ? z : -z;
    const float slope = -weight_of(positive) * power(sigmoid(-u)) * (push.gamma * sigmoid(u) * missing_log(u) + sigmoid(-u));
    return positive ? slope : -slope;
}
