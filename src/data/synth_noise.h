// SPDX-License-Identifier: MIT
// Noise in the plane for the synthetic clouds: each value depends on the place and a seed alone.
#ifndef DATA_SYNTH_NOISE_H
#define DATA_SYNTH_NOISE_H

#include <stdint.h>

// Evenly distributed in [0, 1), one value per lattice point.
double noise_lattice(int32_t x, int32_t y, uint32_t seed);
// Value noise with period 1, 0..1.
double noise_value(double x, double y, uint32_t seed);
// Sum of octaves, each twice as fine and half as strong as the one before, 0..1.
double noise_octaves(double x, double y, int octaves, uint32_t seed);

// Points scattered one per unit cell.
struct noise_cell {
    double first, second; // distances to the nearest and the second nearest point
    uint32_t id;          // of the nearest, to draw further properties from with noise_lattice
};
struct noise_cell noise_cells(double x, double y, uint32_t seed);

// 0 below `from`, 1 above `to`, smooth between; `from` may be the larger one.
double noise_step(double from, double to, double value);

#endif
