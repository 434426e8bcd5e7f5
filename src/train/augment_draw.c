// SPDX-License-Identifier: MIT
// Each kind of change has random numbers of its own: whether one happens, and how, changes no other one.
#include "train/augment_draw.h"

#include "base/rng.h"
#include "train/augment_colour.h"
#include "train/augment_place.h"

#include <math.h>

enum kind { // order is part of the random numbers: only ever appended to
    KIND_TURN,
    KIND_SHIFT,
    KIND_SCALE,
    KIND_ROTATE,
    KIND_CROP,
    KIND_GRID,
    KIND_ELASTIC,
    KIND_BRIGHTNESS,
    KIND_CONTRAST,
    KIND_GAMMA,
    KIND_HUE,
    KIND_SATURATION,
    KIND_SHUFFLE,
    KIND_GRAY,
    KIND_NOISE,
    KIND_BLUR,
    KIND_DROPOUT,
    KIND_MIXUP,
    KIND_CUTMIX,
    KIND_PARTNER,
};

uint32_t augment_flips(const struct augment_source *source, uint32_t sample)
{
    struct base_rng rng;
    base_rng_init(&rng, source->seed, BASE_RNG_AUGMENT, sample);
    rng.counter = source->epoch;
    return base_rng_u32(&rng) & source->flip;
}

static struct base_rng stream_of(const struct augment_source *source, uint32_t sample, enum kind kind)
{
    struct base_rng rng;
    base_rng_init(&rng, source->seed, BASE_RNG_RECORD, source->epoch);
    rng.counter = (uint64_t)sample << 32 | (uint64_t)kind << 24;
    return rng;
}

static double between(struct base_rng *rng, double low, double high)
{
    return low + (high - low) * (double)base_rng_float(rng);
}

// The kinds of one image.
struct dice {
    const struct augment_source *source;
    uint32_t sample;
    struct base_rng rng; // of the kind that happens
};

static bool happens(struct dice *dice, enum kind kind, float probability)
{
    dice->rng = stream_of(dice->source, dice->sample, kind);
    return base_rng_float(&dice->rng) < probability;
}

// From -range to range, 0 where it does not happen.
static double change(struct dice *dice, enum kind kind, float probability, float range)
{
    return happens(dice, kind, probability) ? between(&dice->rng, -(double)range, (double)range) : 0;
}

// --- places -----------------------------------------------------------------------------------------------------------

static void draw_affine(struct dice *dice, struct augment_record *record)
{
    const struct augment_source *source = dice->source;
    const struct train_augment *s = source->settings;
    const uint32_t height = source->height, width = source->width;
    struct affine map = AFFINE_IDENTITY;
    if (happens(dice, KIND_CROP, s->crop_p)) {
        const double share = between(&dice->rng, (double)s->crop, 1), left = between(&dice->rng, 0, 1 - share);
        affine_crop(&map, share, left * width, between(&dice->rng, 0, 1 - share) * height);
    }
    double shift[2] = {0, 0};
    if (happens(dice, KIND_SHIFT, s->shift_p)) {
        shift[0] = between(&dice->rng, -(double)s->shift, (double)s->shift) * width;
        shift[1] = between(&dice->rng, -(double)s->shift, (double)s->shift) * height;
    }
    affine_shift(&map, shift[0], shift[1]);
    affine_scale(&map, height, width, 1 + change(dice, KIND_SCALE, s->scale_p, s->scale));
    affine_rotate(&map, height, width, change(dice, KIND_ROTATE, s->rotate_p, s->rotate));
    if (happens(dice, KIND_TURN, s->turn_p)) affine_turn(&map, height, width, 1 + base_rng_below(&dice->rng, 3));
    affine_flip(&map, height, width, augment_flips(source, dice->sample));
    affine_store(&map, record->affine);
}

// Borders of cells whose sizes differ, from 0 to the whole side.
static void draw_borders(struct dice *dice, float *borders, uint32_t cells, uint32_t size)
{
    double at[AUGMENT_GRID_MOST + 1] = {0};
    const double range = (double)dice->source->settings->grid;
    for (uint32_t i = 1; i <= cells; i++)
        at[i] = at[i - 1] + 1 + between(&dice->rng, -range, range);
    for (uint32_t i = 1; i <= cells; i++)
        borders[i] = i < cells ? (float)(at[i] / at[cells] * size) : (float)size;
}

static void draw_grid(struct dice *dice, struct augment_record *record)
{
    const struct augment_source *source = dice->source;
    if (!happens(dice, KIND_GRID, source->settings->grid_p)) return;
    record->flags |= AUGMENT_GRID;
    record->grid_cells = source->settings->grid_cells;
    draw_borders(dice, record->grid_x, record->grid_cells, source->width);
    draw_borders(dice, record->grid_y, record->grid_cells, source->height);
}

static void draw_elastic(struct dice *dice, struct augment_record *record)
{
    const struct augment_source *source = dice->source;
    if (!happens(dice, KIND_ELASTIC, source->settings->elastic_p)) return;
    const double most = (double)source->settings->elastic * (source->width < source->height ? source->width : source->height);
    record->flags |= AUGMENT_ELASTIC;
    record->elastic_cells = source->settings->elastic_cells;
    const uint32_t points = (record->elastic_cells + 3) * (record->elastic_cells + 3);
    for (uint32_t i = 0; i < points; i++) {
        record->elastic_x[i] = (float)between(&dice->rng, -most, most);
        record->elastic_y[i] = (float)between(&dice->rng, -most, most);
    }
}

// --- colours ----------------------------------------------------------------------------------------------------------

static void draw_colour(struct dice *dice, struct augment_record *record)
{
    const struct train_augment *s = dice->source->settings;
    struct colour_map map = COLOUR_IDENTITY;
    if (happens(dice, KIND_SHUFFLE, s->shuffle_p)) colour_shuffle(&map, 1 + base_rng_below(&dice->rng, 5));
    colour_turn_hue(&map, change(dice, KIND_HUE, s->hue_p, s->hue));
    colour_saturate(&map, 1 + change(dice, KIND_SATURATION, s->saturation_p, s->saturation));
    if (happens(dice, KIND_GRAY, s->gray_p)) colour_saturate(&map, 0);
    colour_contrast(&map, 1 + change(dice, KIND_CONTRAST, s->contrast_p, s->contrast));
    colour_brighten(&map, 255 * change(dice, KIND_BRIGHTNESS, s->brightness_p, s->brightness));
    if (colour_store(&map, record->colour)) record->flags |= AUGMENT_COLOUR;
    if (happens(dice, KIND_GAMMA, s->gamma_p)) {
        const double most = log(1 + (double)s->gamma);
        record->flags |= AUGMENT_GAMMA;
        record->gamma = (float)exp(between(&dice->rng, -most, most));
    }
}

static void draw_noise(struct dice *dice, struct augment_record *record)
{
    const struct train_augment *s = dice->source->settings;
    if (!happens(dice, KIND_NOISE, s->noise_p)) return;
    record->flags |= AUGMENT_NOISE;
    record->noise = (float)(255 * between(&dice->rng, 0, (double)s->noise));
    for (int i = 0; i < 2; i++)
        record->noise_key[i] = base_rng_u32(&dice->rng);
}

static void draw_blur(struct dice *dice, struct augment_record *record)
{
    const struct train_augment *s = dice->source->settings;
    if (!happens(dice, KIND_BLUR, s->blur_p)) return;
    record->flags |= AUGMENT_BLUR;
    record->blur = (float)between(&dice->rng, 0, (double)s->blur);
}

// --- holes and partners -----------------------------------------------------------------------------------------------

// A rectangle of these sides around a random place, cut off at the border.
static void draw_rectangle(struct dice *dice, double height, double width, uint32_t rectangle[4])
{
    const struct augment_source *source = dice->source;
    const double sides[2] = {width, height};
    const uint32_t sizes[2] = {source->width, source->height};
    for (int i = 0; i < 2; i++) {
        const double middle = between(&dice->rng, 0, sizes[i]);
        rectangle[i] = (uint32_t)fmax(floor(middle - sides[i] / 2 + 0.5), 0);
        rectangle[2 + i] = (uint32_t)fmin(floor(middle + sides[i] / 2 + 0.5), sizes[i]);
    }
}

static void draw_holes(struct dice *dice, struct augment_record *record)
{
    const struct augment_source *source = dice->source;
    const struct train_augment *s = source->settings;
    if (!happens(dice, KIND_DROPOUT, s->dropout_p)) return;
    record->flags |= AUGMENT_HOLES;
    record->hole_count = 1 + base_rng_below(&dice->rng, s->dropout_holes);
    for (uint32_t i = 0; i < record->hole_count; i++) {
        const double height = between(&dice->rng, 0, (double)s->dropout) * source->height;
        draw_rectangle(dice, height, between(&dice->rng, 0, (double)s->dropout) * source->width, &record->holes[4 * i]);
    }
}

// A share from 0.5 to 1, of Beta(a, a): what is below belongs to the other image. Joehnk's algorithm (1964).
static double draw_share(struct base_rng *rng, double a)
{
    double x, y;
    do {
        x = pow(1 - (double)base_rng_float(rng), 1 / a);
        y = pow(1 - (double)base_rng_float(rng), 1 / a);
    } while (x + y > 1 || x + y == 0);
    return fmax(x, y) / (x + y);
}

static void draw_mixture(struct dice *dice, struct augment_record *record)
{
    const struct augment_source *source = dice->source;
    const struct train_augment *s = source->settings;
    if (happens(dice, KIND_CUTMIX, s->cutmix_p)) {
        const double side = sqrt(1 - draw_share(&dice->rng, (double)s->cutmix));
        record->flags |= AUGMENT_CUTMIX;
        draw_rectangle(dice, side * source->height, side * source->width, record->cutmix);
    } else if (happens(dice, KIND_MIXUP, s->mixup_p)) {
        record->flags |= AUGMENT_MIXUP;
        record->share = (float)draw_share(&dice->rng, (double)s->mixup);
    }
}

void augment_draw(const struct augment_source *source, uint32_t sample, struct augment_record *record)
{
    struct dice dice = {.source = source, .sample = sample};
    *record = (struct augment_record){0};
    draw_affine(&dice, record);
    draw_grid(&dice, record);
    draw_elastic(&dice, record);
    draw_colour(&dice, record);
    draw_noise(&dice, record);
    draw_blur(&dice, record);
    draw_holes(&dice, record);
    draw_mixture(&dice, record);
}

void augment_draw_batch(const struct augment_source *source, const uint32_t *samples, uint32_t count, struct augment_record *records)
{
    for (uint32_t i = 0; i < count; i++) {
        struct base_rng rng = stream_of(source, samples[i], KIND_PARTNER);
        augment_draw(source, samples[i], &records[i]);
        if (count == 1)
            records[i].flags &= ~(uint32_t)(AUGMENT_CUTMIX | AUGMENT_MIXUP);
        else
            records[i].partner = (i + 1 + base_rng_below(&rng, count - 1)) % count;
    }
}

enum nephos_status augment_check(struct nephos_log *log, const struct train_augment *settings, bool one_class, uint32_t batch)
{
    if (augment_mixes(settings) && batch == 1)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT,
                         "--augment-mixup-p %g and --augment-cutmix-p %g mix images of a batch, but there is one at a time; use a larger "
                         "--batch or --micro-batch, or 0 for both",
                         (double)settings->mixup_p, (double)settings->cutmix_p);
    if (settings->mixup_p > 0 && one_class)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT,
                         "--augment-mixup-p %g mixes labels, which a loss of one class per pixel (ce) can't take; use --augment-cutmix-p",
                         (double)settings->mixup_p);
    return NEPHOS_OK;
}
