// SPDX-License-Identifier: MIT
// Layers made of one or two operators, with PyTorch's parameter names.
#include "model/model.h"

#include <stdio.h>

#define NAME_SIZE 128

op_id model_conv(struct net_graph *graph, op_id x, const char *prefix, struct model_conv conv)
{
    char name[NAME_SIZE];
    const struct op_shape weight_shape = {conv.channels, conv.kernel, conv.kernel, net_shape(graph, x).c};
    snprintf(name, sizeof name, "%s.weight", prefix);
    op_id in[3] = {x, net_param(graph, name, weight_shape, NET_LAYOUT_CONV, conv.init), OP_NONE};
    if (conv.bias) {
        snprintf(name, sizeof name, "%s.bias", prefix);
        in[2] = net_param(graph, name, (struct op_shape){1, 1, 1, conv.channels}, NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    }
    const uint32_t pad = conv.kernel / 2;
    const struct op_attr attr = {
        .kernel = {conv.kernel, conv.kernel},
        .stride = {conv.stride, conv.stride},
        .pad = {pad, pad},
        .dilation = {1, 1},
        .groups = 1,
        .channels = conv.channels,
    };
    return net_add(graph, "conv2d", prefix, &attr, in, 3, NULL);
}

op_id model_batch_norm(struct net_graph *graph, op_id x, const char *prefix)
{
    char name[4][NAME_SIZE];
    static const char *const parts[4] = {"weight", "bias", "running_mean", "running_var"};
    for (int i = 0; i < 4; i++) snprintf(name[i], sizeof name[i], "%s.%s", prefix, parts[i]);
    const uint32_t channels = net_shape(graph, x).c;
    const op_id in[3] = {
        x,
        net_param_pair(graph, name[0], name[1], channels, NET_INIT_ONE_ZERO, false),
        net_param_pair(graph, name[2], name[3], channels, NET_INIT_ZERO_ONE, true),
    };
    const struct op_attr attr = {.eps = 1e-5f, .momentum = 0.1f};
    return net_add(graph, graph->training ? "batch_norm" : "batch_norm_infer", prefix, &attr, in, 3, NULL);
}

op_id model_relu(struct net_graph *graph, op_id x, const char *prefix)
{
    return net_add(graph, "relu", prefix, NULL, &x, 1, NULL);
}

op_id model_conv_bn_relu(struct net_graph *graph, op_id x, const char *prefix, uint32_t channels)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.0", prefix);
    x = model_conv(graph, x, name, (struct model_conv){channels, 3, 1, NET_INIT_KAIMING_FAN_IN, false});
    snprintf(name, sizeof name, "%s.1", prefix);
    x = model_batch_norm(graph, x, name);
    return model_relu(graph, x, name);
}

op_id model_dropout(struct net_graph *graph, op_id x, const struct model_config *config)
{
    if (config->dropout <= 0 || !graph->training) return x;
    return net_add(graph, "dropout", "encoder.dropout", &(struct op_attr){.p = config->dropout, .seed_id = 1}, &x, 1, NULL);
}

op_id model_head(struct net_graph *graph, op_id x, const struct model_config *config)
{
    return model_conv(graph, x, "segmentation_head.0", (struct model_conv){config->class_count, 3, 1, NET_INIT_XAVIER, true});
}

op_id model_class_head(struct net_graph *graph, const struct model_config *config, op_id deepest)
{
    const uint32_t channels = net_shape(graph, deepest).c, classes = config->class_count;
    const op_id mean = net_add(graph, "global_avg_pool", "classification_head.0", NULL, &deepest, 1, NULL);
    const op_id w = net_param(graph, "classification_head.3.weight", (struct op_shape){classes, 1, 1, channels}, NET_LAYOUT_MATRIX,
                              NET_INIT_XAVIER);
    const op_id b = net_param(graph, "classification_head.3.bias", op_vector(classes), NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    const op_id in[3] = {mean, w, b};
    return net_add(graph, "linear", "classification_head.3", NULL, in, 3, NULL);
}
