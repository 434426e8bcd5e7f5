// SPDX-License-Identifier: MIT
#include "train/augment_colour.h"

#include <math.h>
#include <string.h>

static const double lightness[3] = {0.299, 0.587, 0.114};

static void then(struct colour_map *map, const double step[3][3], double offset)
{
    const struct colour_map first = *map;
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 4; k++) {
            map->m[i][k] = k == 3 ? offset : 0;
            for (int j = 0; j < 3; j++)
                map->m[i][k] += step[i][j] * first.m[j][k];
        }
    }
}

void colour_shuffle(struct colour_map *map, uint32_t order)
{
    static const uint8_t orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    double step[3][3] = {{0}};
    for (int i = 0; i < 3; i++)
        step[i][orders[order % 6][i]] = 1;
    then(map, (const double(*)[3])step, 0);
}

void colour_turn_hue(struct colour_map *map, double degrees)
{
    // The axes I and Q in red, green and blue, and what they are of lightness taken away: RGB = Y + I from_i + Q from_q.
    static const double i_of[3] = {0.595716, -0.274453, -0.321263}, q_of[3] = {0.211456, -0.522591, 0.311135};
    static const double from_i[3] = {0.9562957, -0.2721221, -1.1069890}, from_q[3] = {0.6210244, -0.6473806, 1.7046150};
    const double angle = -degrees * (3.141592653589793 / 180), c = cos(angle), s = sin(angle);
    double step[3][3];
    if (degrees == 0) return;
    for (int row = 0; row < 3; row++) {
        for (int k = 0; k < 3; k++)
            step[row][k] = lightness[k] + from_i[row] * (c * i_of[k] - s * q_of[k]) + from_q[row] * (s * i_of[k] + c * q_of[k]);
    }
    then(map, (const double(*)[3])step, 0);
}

void colour_saturate(struct colour_map *map, double factor)
{
    double step[3][3];
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++)
            step[i][k] = (i == k ? factor : 0) + (1 - factor) * lightness[k];
    }
    then(map, (const double(*)[3])step, 0);
}

void colour_contrast(struct colour_map *map, double factor)
{
    then(map, (const double[3][3]){{factor, 0, 0}, {0, factor, 0}, {0, 0, factor}}, 127.5 * (1 - factor));
}

void colour_brighten(struct colour_map *map, double by)
{
    for (int i = 0; i < 3; i++)
        map->m[i][3] += by;
}

bool colour_store(const struct colour_map *map, float to[12])
{
    static const struct colour_map identity = COLOUR_IDENTITY;
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++)
            to[3 * i + k] = (float)map->m[i][k];
        to[9 + i] = (float)map->m[i][3];
    }
    return memcmp(map, &identity, sizeof identity) != 0;
}
