// SPDX-License-Identifier: MIT
#include "train/augment_setting.h"

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

bool augment_is_on(const struct train_augment *a)
{
    const float probabilities[] = {a->turn_p,    a->shift_p,      a->scale_p,    a->rotate_p, a->crop_p,   a->grid_p,
                                   a->elastic_p, a->brightness_p, a->contrast_p, a->gamma_p,  a->hue_p,    a->saturation_p,
                                   a->shuffle_p, a->gray_p,       a->noise_p,    a->blur_p,   a->dropout_p};
    bool on = augment_mixes(a);
    for (size_t i = 0; i < ARRAY_COUNT(probabilities); i++)
        on |= probabilities[i] > 0;
    return on;
}
