// SPDX-License-Identifier: MIT
// Writes the results of gemm.glsl to out_data, or out_data4: the same memory in vectors.
vec4 finish(uint at, uint n, vec4 v); // what the body does with four results, from column n on, that go to `at`

void store_vector(uint at, uint m, uint n, vec4 v)
{
    if (n >= columns) return;
    v = finish(at, n, v);
    if (OUT_VEC) {
        if (ACCUMULATE) v += out_data4_at(at / 4);
        out_data4_put(at / 4, v);
        return;
    }
    [[unroll]] for (uint i = 0; i < 4; i++) {
        if (n + i >= columns) continue;
        if (ACCUMULATE) v[i] += out_data[at + i];
        out_data[at + i] = v[i];
    }
}
