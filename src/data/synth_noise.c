// SPDX-License-Identifier: MIT
#include "data/synth_noise.h"

#include <math.h>

// Two multiply-and-shift rounds: enough that neighbouring lattice points look independent.
static uint32_t scramble(uint32_t word)
{
    word = (word ^ word >> 16) * 0x7FEB352Du;
    word = (word ^ word >> 15) * 0x846CA68Bu;
    return word ^ word >> 16;
}

static uint32_t lattice_word(int32_t x, int32_t y, uint32_t seed)
{
    return scramble((uint32_t)y ^ scramble((uint32_t)x ^ scramble(seed)));
}

double noise_lattice(int32_t x, int32_t y, uint32_t seed)
{
    return lattice_word(x, y, seed) * 0x1p-32;
}

double noise_step(double from, double to, double value)
{
    const double t = fmin(1, fmax(0, (value - from) / (to - from)));
    return t * t * (3 - 2 * t);
}

double noise_value(double x, double y, uint32_t seed)
{
    const double floor_x = floor(x), floor_y = floor(y);
    const int32_t column = (int32_t)floor_x, row = (int32_t)floor_y;
    const double u = noise_step(0, 1, x - floor_x), v = noise_step(0, 1, y - floor_y);
    const double top = noise_lattice(column, row, seed) * (1 - u) + noise_lattice(column + 1, row, seed) * u;
    const double bottom = noise_lattice(column, row + 1, seed) * (1 - u) + noise_lattice(column + 1, row + 1, seed) * u;
    return top * (1 - v) + bottom * v;
}

double noise_octaves(double x, double y, int octaves, uint32_t seed)
{
    double sum = 0, weight = 1, total = 0;
    for (int i = 0; i < octaves; i++) {
        sum += weight * noise_value(x, y, seed + (uint32_t)i);
        total += weight;
        weight *= 0.5;
        // Turned by 37 degrees each time, so that the lattices of the octaves don't line up.
        const double turned = 2 * (0.8 * x - 0.6 * y);
        y = 2 * (0.6 * x + 0.8 * y);
        x = turned;
    }
    return sum / total;
}

struct noise_cell noise_cells(double x, double y, uint32_t seed)
{
    const int32_t column = (int32_t)floor(x), row = (int32_t)floor(y);
    struct noise_cell cell = {.first = 1e9, .second = 1e9};
    for (int32_t r = row - 1; r <= row + 1; r++) {
        for (int32_t c = column - 1; c <= column + 1; c++) {
            const double point_x = c + 0.05 + 0.9 * noise_lattice(c, r, seed), point_y = r + 0.05 + 0.9 * noise_lattice(c, r, seed + 1);
            const double distance = hypot(x - point_x, y - point_y);
            if (distance < cell.first) {
                cell.second = cell.first;
                cell.first = distance;
                cell.id = lattice_word(c, r, seed + 2);
            } else if (distance < cell.second) {
                cell.second = distance;
            }
        }
    }
    return cell;
}
