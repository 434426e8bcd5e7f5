// SPDX-License-Identifier: MIT
#include "data/synth_clouds.h"

#include "data/synth_noise.h"

#include <math.h>

const char *const synth_class_names[SYNTH_CLASSES] = {"Fish", "Flower", "Gravel", "Sugar"};

// Each kind is a smooth field of "how much cloud", 0..1. Cutting that at a level that goes up and down with fine noise gives the
// fringes and cells of real cumulus: `size` is that of its largest lumps, `depth` how far they eat into the shape.
static double cumulus(double field, double x, double y, double size, double depth, uint32_t seed)
{
    const double lumps = noise_octaves(x / size, y / size, 5, seed) - 0.5;
    const double threads = 0.5 - fabs(noise_octaves(x / (0.7 * size), y / (0.7 * size), 4, seed + 10) - 0.5) * 4;
    const double level = field + depth * (lumps + 0.3 * threads);
    return noise_step(0.42, 0.7, level) * (0.55 + 0.45 * noise_step(0.45, 1.15, level));
}

// Fish: skeletons, a bright spine with slanted ribs, wide clear sky between one and the next.
static double fish(double along, double across, double weight, uint32_t seed)
{
    const double distance_between = 48;
    across += 26 * (noise_octaves(along / 45, across / 80, 3, seed) - 0.5);
    along += 18 * (noise_octaves(along / 20, across / 20, 3, seed + 10) - 0.5);
    const double lane = floor(across / distance_between);
    const double t = fabs(across - (lane + 0.5) * distance_between); // from the spine of this lane
    const double offset = 40 * noise_lattice((int32_t)lane, 0, seed + 20);
    const double spine = noise_step(13, 1, t);
    const double wave = sin((along + offset - 0.9 * t) * (6.2831853 / 18));
    const double rib = noise_step(-0.6, 0.9, wave) * noise_step(24, 8, t);
    // Along its spine a skeleton swells and thins out.
    const double body = noise_step(0.2, 0.5, noise_octaves((along + offset) / 36, lane * 7.3, 2, seed + 40));
    const double field = fmax(spine, 0.85 * rib) * (0.45 + 0.55 * body);
    return cumulus(field * weight, along, across, 6, 1.3, seed + 50);
}

// Cells whose borders are bent by up to about half of `bend`.
static struct noise_cell bent_cells(double x, double y, double period, double bend, uint32_t seed)
{
    const double bent_x = x + bend * (noise_octaves(x / 28, y / 28, 3, seed) - 0.5);
    const double bent_y = y + bend * (noise_octaves(x / 28, y / 28, 3, seed + 10) - 0.5);
    return noise_cells(bent_x / period, bent_y / period, seed + 20);
}

// Flower: large round decks with clear rims, well apart.
static double flower(double x, double y, double weight, uint32_t seed)
{
    const double period = 28;
    const struct noise_cell cell = bent_cells(x, y, period, 22, seed);
    const double radius = period * (0.3 + 0.2 * noise_lattice((int32_t)cell.id, 0, seed + 30));
    const double disc = noise_step(radius + 7, radius - 9, cell.first * period);
    const double gap = noise_step(-0.05, 0.3, cell.second - cell.first); // decks don't merge
    return cumulus(1.1 * disc * gap * weight, x, y, 5, 1.3, seed + 40);
}

// Gravel: bright grains, strung along arcs where gust fronts meet.
static double gravel(double x, double y, double weight, uint32_t seed)
{
    const struct noise_cell cell = bent_cells(x, y, 32, 34, seed);
    const double arc = noise_step(0.45, 0.02, cell.second - cell.first);
    const double grains = noise_step(0.3, 0.75, noise_octaves(x / 4.6, y / 4.6, 2, seed + 30));
    const double field = grains * (0.35 + 0.95 * arc);
    return cumulus(field * weight, x, y, 2.5, 0.7, seed + 50);
}

// Sugar: a dusting of very fine, thin cumulus in streaks along the wind.
static double sugar(double along, double across, double weight, uint32_t seed)
{
    const double bend = 12 * (noise_octaves(along / 40, across / 40, 3, seed) - 0.5);
    const double patches = noise_octaves(along / 24, (across + bend) / 10, 3, seed + 20);
    const double grains = noise_octaves(along / 3.6, (across + bend) / 2.2, 3, seed + 10);
    const double field = grains + 0.8 * (patches - 0.5) - 0.5 * (1 - weight);
    return 0.7 * noise_step(0.46, 0.9, field);
}

double synth_cloud(int class_index, double x, double y, double weight, const struct synth_wind *wind)
{
    const double along = x * wind->cosine + y * wind->sine, across = y * wind->cosine - x * wind->sine;
    switch (class_index) {
    case 0: return fish(along, across, weight, wind->seed);
    case 1: return flower(along, across, weight, wind->seed);
    case 2: return gravel(along, across, weight, wind->seed);
    default: return sugar(along, across, weight, wind->seed);
    }
}

double synth_haze(double x, double y, uint32_t seed)
{
    const double veil = noise_octaves(x / 70 + 0.3 * y / 70, y / 25, 5, seed);
    const double strays = noise_octaves(x / 5, y / 4, 4, seed + 10) + 0.5 * (noise_octaves(x / 45, y / 45, 2, seed + 20) - 0.5);
    return 0.22 * noise_step(0.5, 0.85, veil) + 0.5 * noise_step(0.76, 0.9, strays);
}

void synth_sea_colour(double x, double y, double glint, uint32_t seed, double rgb[3])
{
    static const double deep[3] = {9, 13, 36}, shallow[3] = {21, 31, 58}, sun[3] = {124, 123, 118};
    const double depth = noise_octaves(x / 90, y / 90, 4, seed);
    const double ripples = 0.85 + 0.3 * noise_octaves(x / 5, y / 5, 4, seed + 20);
    for (int c = 0; c < 3; c++) {
        const double water = (deep[c] + (shallow[c] - deep[c]) * depth) * ripples;
        rgb[c] = water + (sun[c] - water) * glint * (0.85 + 0.15 * ripples);
    }
}

void synth_cloud_colour(double x, double y, uint32_t seed, double rgb[3])
{
    static const double white[3] = {246, 246, 244};
    const double shade = 0.8 + 0.24 * noise_octaves(x / 5, y / 5, 4, seed);
    for (int c = 0; c < 3; c++) rgb[c] = fmin(255, white[c] * shade);
}
