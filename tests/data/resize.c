// SPDX-License-Identifier: MIT
#include "data/data.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static uint8_t *noise(size_t count, uint32_t seed)
{
    uint8_t *bytes = malloc(count);
    for (size_t i = 0; i < count; i++) bytes[i] = (uint8_t)((seed = seed * 1664525 + 1013904223) >> 24);
    return bytes;
}

// Weight of source pixel j in output i, written from the definition: covered share, or the triangle around the centre.
static double weight(uint32_t from, uint32_t to, uint32_t i, uint32_t j)
{
    double scale = (double)from / to;
    if (to <= from) {
        double overlap = fmin((i + 1) * scale, j + 1.0) - fmax(i * scale, j);
        return fmax(overlap, 0) / scale;
    }
    double centre = fmin(fmax((i + 0.5) * scale - 0.5, 0), from - 1.0);
    return fmax(0, 1 - fabs(centre - j));
}

static double reference(const uint8_t *from, uint32_t from_height, uint32_t from_width, uint32_t channels, uint32_t height, uint32_t width,
                        uint32_t y, uint32_t x, uint32_t c)
{
    double sum = 0;
    for (uint32_t j = 0; j < from_height; j++) {
        double row = weight(from_height, height, y, j);
        if (row == 0) continue;
        for (uint32_t k = 0; k < from_width; k++) sum += row * weight(from_width, width, x, k) * from[(j * from_width + k) * channels + c];
    }
    return sum;
}

Test(resize, agrees_with_the_definition_in_double_precision)
{
    static const uint32_t cases[][5] = { // from, to, channels
        {1, 1, 1, 1, 1},    {7, 5, 7, 5, 3},    {9, 11, 4, 3, 3},  {4, 3, 9, 11, 3},  {8, 12, 4, 4, 1},   {10, 10, 20, 5, 3},
        {1, 9, 3, 20, 1},   {13, 1, 5, 7, 3},   {6, 300, 3, 290, 3}, {5, 7, 6, 600, 3}, {3, 2000, 2, 3, 1}, {23, 17, 22, 18, 3},
    };
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const uint32_t *v = cases[i];
        uint32_t channels = v[4];
        uint8_t *from = noise((size_t)v[0] * v[1] * channels, (uint32_t)i), *to = malloc((size_t)v[2] * v[3] * channels + 1);
        to[(size_t)v[2] * v[3] * channels] = 0xa5;
        data_resize(from, v[0], v[1], channels, to, v[2], v[3]);
        for (uint32_t y = 0; y < v[2]; y++)
            for (uint32_t x = 0; x < v[3]; x++)
                for (uint32_t c = 0; c < channels; c++) {
                    double want = reference(from, v[0], v[1], channels, v[2], v[3], y, x, c);
                    uint8_t got = to[(y * v[3] + x) * channels + c];
                    cr_assert(fabs(got - want) <= 0.5 + 1e-9, "case %zu at %u,%u,%u: %d, not %.9f", i, y, x, c, got, want);
                }
        cr_expect_eq(to[(size_t)v[2] * v[3] * channels], 0xa5);
        free(from);
        free(to);
    }
}

Test(resize, same_size_is_a_copy)
{
    uint8_t *from = noise(37 * 41 * 3, 5), to[37 * 41 * 3];
    data_resize(from, 37, 41, 3, to, 37, 41);
    cr_expect_arr_eq(to, from, sizeof to);
    free(from);
}

Test(resize, extreme_sides_keep_a_flat_picture_flat)
{
    uint8_t *from = malloc(65535), *to = malloc(65535);
    memset(from, 255, 65535);
    data_resize(from, 1, 65535, 1, to, 1, 3);
    cr_expect(to[0] == 255 && to[1] == 255 && to[2] == 255);
    data_resize(from, 3, 1, 1, to, 65535, 1);
    for (uint32_t i = 0; i < 65535; i++) cr_assert_eq(to[i], 255, "%u", i);
    free(from);
    free(to);
}

Test(resize, plane_is_bilinear_at_pixel_centres)
{
    static const uint32_t cases[][4] = {{5, 7, 11, 13}, {3, 3, 9, 9}, {1, 1, 4, 5}, {6, 4, 3, 2}, {8, 8, 8, 8}, {5, 9, 20, 4}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const uint32_t *v = cases[i];
        float from[81], to[181];
        for (uint32_t k = 0; k < v[0] * v[1]; k++) from[k] = (float)((k * 7919u + 13) % 101) / 101;
        data_resize_plane(from, v[0], v[1], to, v[2], v[3]);
        for (uint32_t y = 0; y < v[2]; y++)
            for (uint32_t x = 0; x < v[3]; x++) {
                double cy = fmin(fmax((y + 0.5) * v[0] / v[2] - 0.5, 0), v[0] - 1.0);
                double cx = fmin(fmax((x + 0.5) * v[1] / v[3] - 0.5, 0), v[1] - 1.0);
                double want = 0;
                for (uint32_t j = 0; j < v[0]; j++)
                    for (uint32_t k = 0; k < v[1]; k++) want += fmax(0, 1 - fabs(cy - j)) * fmax(0, 1 - fabs(cx - k)) * from[j * v[1] + k];
                cr_assert_float_eq(to[y * v[3] + x], want, 1e-6, "case %zu at %u,%u", i, y, x); // a few roundings of values below 1
            }
    }
}

Test(resize, nearest_takes_the_pixel_that_covers_the_centre)
{
    static const uint32_t cases[][4] = {{5, 7, 11, 13}, {11, 13, 5, 7}, {350, 525, 64, 96}, {2, 2, 5, 5}, {9, 9, 9, 9}};
    for (size_t i = 0; i < ARRAY_COUNT(cases); i++) {
        const uint32_t *v = cases[i];
        uint8_t *from = noise((size_t)v[0] * v[1], (uint32_t)i), *to = malloc((size_t)v[2] * v[3]);
        data_resize_nearest(from, v[0], v[1], to, v[2], v[3]);
        for (uint32_t y = 0; y < v[2]; y++)
            for (uint32_t x = 0; x < v[3]; x++) {
                uint32_t j = (uint32_t)floor((y + 0.5) * v[0] / v[2]), k = (uint32_t)floor((x + 0.5) * v[1] / v[3]);
                cr_assert_eq(to[y * v[3] + x], from[j * v[1] + k], "case %zu at %u,%u", i, y, x);
            }
        free(from);
        free(to);
    }
}
