// SPDX-License-Identifier: MIT
// ResNet encoders: He et al., "Deep residual learning for image recognition", 2015; the bottleneck has its stride in the 3x3
// convolution, as in torchvision. Features: stem, then the four stages, at 1/2 to 1/32 of the input's size.
#include "model/model.h"

#include <stdio.h>

#define NAME_SIZE 128

static op_id conv_bn(struct net_graph *graph, op_id x, const char *block, int number, uint32_t channels, uint32_t kernel, uint32_t stride)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.conv%d", block, number);
    x = model_conv(graph, x, name, (struct model_conv){channels, kernel, stride, NET_INIT_KAIMING_FAN_OUT, false});
    snprintf(name, sizeof name, "%s.bn%d", block, number);
    return model_batch_norm(graph, x, name);
}

static op_id shortcut(struct net_graph *graph, op_id x, const char *block, uint32_t channels, uint32_t stride)
{
    if (stride == 1 && net_shape(graph, x).c == channels) return x;
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.downsample.0", block);
    x = model_conv(graph, x, name, (struct model_conv){channels, 1, stride, NET_INIT_KAIMING_FAN_OUT, false});
    snprintf(name, sizeof name, "%s.downsample.1", block);
    return model_batch_norm(graph, x, name);
}

static op_id basic_block(struct net_graph *graph, op_id x, const char *block, uint32_t channels, uint32_t stride)
{
    x = model_relu(graph, conv_bn(graph, x, block, 1, channels, 3, stride), block);
    return conv_bn(graph, x, block, 2, channels, 3, 1);
}

static op_id bottleneck_block(struct net_graph *graph, op_id x, const char *block, uint32_t channels, uint32_t stride)
{
    x = model_relu(graph, conv_bn(graph, x, block, 1, channels, 1, 1), block);
    x = model_relu(graph, conv_bn(graph, x, block, 2, channels, 3, stride), block);
    return conv_bn(graph, x, block, 3, 4 * channels, 1, 1);
}

static op_id residual(struct net_graph *graph, op_id x, const char *block, uint32_t channels, uint32_t stride, bool bottleneck)
{
    const op_id y = bottleneck ? bottleneck_block(graph, x, block, channels, stride) : basic_block(graph, x, block, channels, stride);
    const op_id terms[2] = {y, shortcut(graph, x, block, net_shape(graph, y).c, stride)};
    return model_relu(graph, net_add(graph, "add", block, NULL, terms, 2, NULL), block);
}

void model_resnet(struct net_graph *graph, const struct model_encoder *encoder, uint32_t width, op_id image,
                  op_id features[MODEL_ENCODER_FEATURES])
{
    features[0] = image;
    op_id x = model_conv(graph, image, "encoder.conv1", (struct model_conv){width, 7, 2, NET_INIT_KAIMING_FAN_OUT, false});
    x = model_relu(graph, model_batch_norm(graph, x, "encoder.bn1"), "encoder.relu");
    features[1] = x;
    const struct op_attr pool = {.kernel = {3, 3}, .stride = {2, 2}, .pad = {1, 1}, .dilation = {1, 1}};
    x = net_add(graph, "max_pool2d", "encoder.maxpool", &pool, &x, 1, NULL);
    for (uint32_t stage = 0; stage < 4; stage++) {
        for (uint32_t i = 0; i < encoder->blocks[stage]; i++) {
            char block[NAME_SIZE];
            snprintf(block, sizeof block, "encoder.layer%u.%u", stage + 1, i);
            x = residual(graph, x, block, width << stage, stage > 0 && i == 0 ? 2 : 1, encoder->bottleneck);
        }
        features[2 + stage] = x;
    }
}
