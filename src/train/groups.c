// SPDX-License-Identifier: MIT
#include "train/groups.h"

#include <string.h>

#define ENCODER 1u
#define NO_DECAY 2u

static bool is_in_encoder(const struct net_param *param)
{
    return strncmp(param->name, "encoder.", 8) == 0;
}

void groups_assign(struct net_graph *graph, struct net_optimizer *optimizer, const struct train_settings *settings)
{
    const bool by_rate = settings->encoder_lr != 1, by_decay = !settings->decay_norm_bias && settings->weight_decay > 0;
    for (uint32_t i = 0; i < graph->param_count; i++) {
        struct net_param *param = &graph->params[i];
        param->group = (by_rate && is_in_encoder(param) ? ENCODER : 0) | (by_decay && param->layout == NET_LAYOUT_VECTOR ? NO_DECAY : 0);
    }
    for (uint32_t group = 0; group < NET_GROUPS; group++) {
        optimizer->groups[group].lr_factor = group & ENCODER ? settings->encoder_lr : 1;
        optimizer->groups[group].no_decay = group & NO_DECAY;
    }
}
