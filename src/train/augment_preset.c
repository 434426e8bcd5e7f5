// SPDX-License-Identifier: MIT
#include "train/augment_setting.h"

#include "augment.h"

#include <math.h>

static float chosen(float value, const float presets[4], enum train_augment_preset preset)
{
    return isnan(value) ? presets[preset] : value;
}

void augment_take_preset(struct train_augment *augment, enum train_augment_preset preset)
{
#define AUGMENT(member, name, low, high, none, light, clouds, strong, help)                                                                \
    augment->member = chosen(augment->member, (const float[4]){(float)none, (float)light, (float)clouds, (float)strong}, preset);
#include "train/augment.def"
#undef AUGMENT
}

bool augment_mixes(const struct train_augment *augment)
{
    return augment->mixup_p > 0 || augment->cutmix_p > 0;
}

uint32_t augment_changes(const struct train_augment *a)
{
    const struct {
        float probability;
        uint32_t flag;
    } changes[] = {
        {a->grid_p, AUGMENT_GRID},       {a->elastic_p, AUGMENT_ELASTIC}, {a->blur_p, AUGMENT_BLUR},         {a->brightness_p, AUGMENT_COLOUR},
        {a->contrast_p, AUGMENT_COLOUR}, {a->hue_p, AUGMENT_COLOUR},      {a->saturation_p, AUGMENT_COLOUR}, {a->shuffle_p, AUGMENT_COLOUR},
        {a->gray_p, AUGMENT_COLOUR},     {a->gamma_p, AUGMENT_GAMMA},     {a->noise_p, AUGMENT_NOISE},       {a->dropout_p, AUGMENT_HOLES},
        {a->cutmix_p, AUGMENT_CUTMIX},   {a->mixup_p, AUGMENT_MIXUP},
    };
    uint32_t flags = 0;
    for (size_t i = 0; i < ARRAY_COUNT(changes); i++) flags |= changes[i].probability > 0 ? changes[i].flag : 0;
    return flags;
}

bool augment_is_on(const struct train_augment *a)
{
    const float moves[] = {a->turn_p, a->shift_p, a->scale_p, a->rotate_p, a->crop_p};
    bool on = augment_changes(a) != 0;
    for (size_t i = 0; i < ARRAY_COUNT(moves); i++) on |= moves[i] > 0;
    return on;
}
