// SPDX-License-Identifier: MIT
// The table of encoders, and the way from a configuration to a graph.
#include "model/model.h"

#include <string.h>

const struct model_encoder model_encoders[] = {
    {"resnet18", {2, 2, 2, 2}, false},
    {"resnet34", {3, 4, 6, 3}, false},
    {"resnet50", {3, 4, 6, 3}, true},
    {NULL, {0}, false},
};

const struct model_encoder *model_encoder_find(const char *name)
{
    for (const struct model_encoder *row = model_encoders; row->name; row++) {
        if (strcmp(row->name, name) == 0) return row;
    }
    return NULL;
}

static bool is_plain(const struct model_config *config)
{
    return strcmp(config->encoder, "none") == 0;
}

enum nephos_status model_check(struct nephos_log *log, const struct model_config *config)
{
    if (strcmp(config->arch, "unet") != 0)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "unknown architecture '%s': this build has unet", config->arch);
    if (!is_plain(config) && !model_encoder_find(config->encoder))
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "unknown encoder '%s': this build has resnet18, resnet34, resnet50, none",
                         config->encoder);
    if (config->encoder_width < 4 || config->encoder_width > 512)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "encoder width %u is outside 4..512", config->encoder_width);
    if (config->class_count < 1 || config->class_count > 255)
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "%u classes: a model has 1 to 255", config->class_count);
    if (!(config->dropout >= 0 && config->dropout < 1))
        return base_fail(log, NEPHOS_ERROR_ARGUMENT, "dropout %g is outside [0, 1)", (double)config->dropout);
    return NEPHOS_OK;
}

uint32_t model_divisor(const struct model_config *config)
{
    return is_plain(config) ? 16 : 32;
}

op_id model_build(struct net_graph *graph, const struct model_config *config, op_id image, op_id features[MODEL_FEATURES])
{
    op_id unused[MODEL_FEATURES];
    if (!features) features = unused;
    for (int i = 0; i < MODEL_FEATURES; i++) features[i] = OP_NONE;
    net_poison(graph, model_check(graph->log, config));
    if (graph->status != NEPHOS_OK) return OP_NONE;
    return is_plain(config) ? model_plain_unet(graph, config, image, features) : model_unet(graph, config, image, features);
}
