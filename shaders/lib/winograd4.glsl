// SPDX-License-Identifier: MIT
// Winograd's F(4x4, 3x3): a tile of 4x4 pixels of y is A^T (G g G^T * B^T d B) A for the 6x6 pixels d of x and the kernel g, where * is
// elementwise: 36 products instead of 144. The points are 0, P, -P, Q, -Q and infinity; these two round half as much as the usual 1 and 2.
const float P = 0.75, Q = 1.5, PP = P * P, QQ = Q * Q;

// B^T times a column
void input_1d(float a, float b, float c, float d, float e, float f, out float r[6])
{
    const float even_p = e - QQ * c, odd_p = P * (d - QQ * b), even_q = e - PP * c, odd_q = Q * (d - PP * b);
    r[0] = PP * QQ * a - (PP + QQ) * c + e;
    r[1] = even_p + odd_p;
    r[2] = even_p - odd_p;
    r[3] = even_q + odd_q;
    r[4] = even_q - odd_q;
    r[5] = PP * QQ * b - (PP + QQ) * d + f;
}

// G times a column
void weight_1d(float a, float b, float c, out float r[6])
{
    const float even_p = a + PP * c, odd_p = P * b, even_q = a + QQ * c, odd_q = Q * b;
    r[0] = a * (1.0 / (PP * QQ));
    r[1] = (even_p + odd_p) * (0.5 / (PP * (PP - QQ)));
    r[2] = (even_p - odd_p) * (0.5 / (PP * (PP - QQ)));
    r[3] = (even_q + odd_q) * (0.5 / (QQ * (QQ - PP)));
    r[4] = (even_q - odd_q) * (0.5 / (QQ * (QQ - PP)));
    r[5] = c;
}

// For F(3x3, 4x4), the gradient of the weights: G times a column of a tile of dy
void gradient_1d(float a, float b, float c, float d, out float r[6])
{
    const float even_p = a + PP * c, odd_p = P * (b + PP * d), even_q = a + QQ * c, odd_q = Q * (b + QQ * d);
    r[0] = a * (1.0 / (PP * QQ));
    r[1] = (even_p + odd_p) * (0.5 / (PP * (PP - QQ)));
    r[2] = (even_p - odd_p) * (0.5 / (PP * (PP - QQ)));
    r[3] = (even_q + odd_q) * (0.5 / (QQ * (QQ - PP)));
    r[4] = (even_q - odd_q) * (0.5 / (QQ * (QQ - PP)));
    r[5] = d;
}

// Column j of A^T: the powers of the point
vec4 output_column(uint j)
{
    const float size = j < 3 ? P : Q, x = j == 0 ? 0.0 : (j & 1) != 0 ? size : -size;
    return j == 5 ? vec4(0.0, 0.0, 0.0, 1.0) : vec4(1.0, x, x * x, x * x * x);
}

// The same for three results
vec3 gradient_column(uint j)
{
    return j == 5 ? vec3(0.0, 0.0, 1.0) : output_column(j).xyz;
}
