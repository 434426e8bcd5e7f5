// SPDX-License-Identifier: MIT
#include "train/augment_place.h"

#include <math.h>

static void then(struct affine *map, const double step[2][3])
{
    const struct affine first = *map;
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 3; k++)
            map->m[i][k] = step[i][0] * first.m[0][k] + step[i][1] * first.m[1][k] + (k == 2 ? step[i][2] : 0);
    }
}

// A linear step about the middle of the image.
static void about_middle(struct affine *map, uint32_t height, uint32_t width, const double linear[2][2])
{
    const double x = (width - 1.0) / 2, y = (height - 1.0) / 2;
    double step[2][3];
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++)
            step[i][k] = linear[i][k];
        step[i][2] = (i == 0 ? x : y) - linear[i][0] * x - linear[i][1] * y;
    }
    then(map, step);
}

void affine_crop(struct affine *map, double share, double left, double top)
{
    const double half = share / 2 - 0.5; // from a pixel's corner to its middle and back
    then(map, (const double[2][3]){{share, 0, left + half}, {0, share, top + half}});
}

void affine_shift(struct affine *map, double right, double down)
{
    then(map, (const double[2][3]){{1, 0, -right}, {0, 1, -down}});
}

void affine_scale(struct affine *map, uint32_t height, uint32_t width, double factor)
{
    about_middle(map, height, width, (const double[2][2]){{1 / factor, 0}, {0, 1 / factor}});
}

void affine_rotate(struct affine *map, uint32_t height, uint32_t width, double degrees)
{
    const double angle = degrees * (3.141592653589793 / 180), s = sin(angle), c = cos(angle);
    about_middle(map, height, width, (const double[2][2]){{c, s}, {-s, c}});
}

void affine_turn(struct affine *map, uint32_t height, uint32_t width, uint32_t quarters)
{
    for (uint32_t i = 0; i < quarters; i++)
        about_middle(map, height, width, (const double[2][2]){{0, 1}, {-1, 0}});
}

void affine_flip(struct affine *map, uint32_t height, uint32_t width, uint32_t flips)
{
    about_middle(map, height, width, (const double[2][2]){{flips & 1 ? -1 : 1, 0}, {0, flips & 2 ? -1 : 1}});
}

void affine_store(const struct affine *map, float to[6])
{
    for (int i = 0; i < 6; i++)
        to[i] = (float)map->m[i / 3][i % 3];
}
