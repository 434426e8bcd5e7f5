// SPDX-License-Identifier: MIT
// Count, mean and sum of squared deviations of a set, and their union (Chan, Golub and LeVeque 1979). Nothing cancels, unlike in
// the difference of mean square and squared mean.
struct moments {
    float count, mean, m2;
};

moments moments_join(moments a, moments b)
{
    if (b.count == 0.0) return a;
    if (a.count == 0.0) return b;
    const float count = a.count + b.count, delta = b.mean - a.mean, share = b.count / count;
    return moments(count, a.mean + delta * share, a.m2 + b.m2 + delta * delta * a.count * share);
}

#ifdef SOFTWARE
moments moments_join_rows(moments mine) { return mine; } // one row
#else
shared float shared_count[COLUMNS_GROUP], shared_mean[COLUMNS_GROUP], shared_m2[COLUMNS_GROUP];

// Joins the rows of the workgroup (lib/columns.glsl), as a binary tree; row 0 gets the result. All invocations must call it.
moments moments_join_rows(moments mine)
{
    const uint me = gl_LocalInvocationIndex;
    for (uint half_rows = ROWS / 2; half_rows > 0; half_rows /= 2) {
        shared_count[me] = mine.count;
        shared_mean[me] = mine.mean;
        shared_m2[me] = mine.m2;
        barrier();
        if (row() < half_rows) {
            const uint other = me + half_rows * LANES;
            mine = moments_join(mine, moments(shared_count[other], shared_mean[other], shared_m2[other]));
        }
        barrier();
    }
    return mine;
}
#endif
