// SPDX-License-Identifier: MIT
// U-Net: Ronneberger, Fischer & Brox, "U-Net: convolutional networks for biomedical image segmentation", 2015.
// model_unet: the decoder of segmentation_models.pytorch on an encoder's features (nearest upsampling, then the skip behind the
// upsampled channels). model_plain_unet: the paper's own shape without an encoder, padded so that sizes are kept.
#include "model/model.h"

#include <stdio.h>

#define NAME_SIZE 128
#define DECODER_BLOCKS 5
#define PLAIN_LEVELS 4

static op_id concat(struct net_graph *graph, op_id x, op_id skip, const char *label)
{
    const op_id in[2] = {x, skip};
    return net_add(graph, "concat", label, NULL, in, 2, NULL);
}

static op_id double_conv(struct net_graph *graph, op_id x, const char *block, uint32_t channels)
{
    char name[NAME_SIZE];
    snprintf(name, sizeof name, "%s.conv1", block);
    x = model_conv_bn_relu(graph, x, name, channels);
    snprintf(name, sizeof name, "%s.conv2", block);
    return model_conv_bn_relu(graph, x, name, channels);
}

static op_id decoder_block(struct net_graph *graph, op_id x, op_id skip, const char *block, uint32_t channels)
{
    const struct op_shape shape = net_shape(graph, x);
    x = net_add(graph, "upsample_nearest", block, &(struct op_attr){.size = {2 * shape.h, 2 * shape.w}}, &x, 1, NULL);
    if (skip != OP_NONE) x = concat(graph, x, skip, block);
    return double_conv(graph, x, block, channels);
}

op_id model_unet(struct net_graph *graph, const struct model_config *config, op_id image, op_id features[MODEL_FEATURES])
{
    model_resnet(graph, model_encoder_find(config->encoder), config->encoder_width, image, features);
    op_id x = model_dropout(graph, features[5], config);
    for (uint32_t i = 0; i < DECODER_BLOCKS; i++) {
        char block[NAME_SIZE];
        snprintf(block, sizeof block, "decoder.blocks.%u", i);
        const uint32_t channels = 4 * config->encoder_width >> i; // 256, 128, 64, 32, 16 at the published width
        const op_id skip = i + 1 < DECODER_BLOCKS ? features[4 - i] : OP_NONE;
        x = decoder_block(graph, x, skip, block, channels > 4 ? channels : 4);
        features[MODEL_ENCODER_FEATURES + i] = x;
    }
    return model_head(graph, x, config);
}

// Learned upsampling by 2: transposed convolution 2x2 with stride 2.
static op_id up_conv(struct net_graph *graph, op_id x, const char *block, uint32_t channels)
{
    char name[NAME_SIZE];
    const uint32_t in_channels = net_shape(graph, x).c;
    snprintf(name, sizeof name, "%s.up.weight", block);
    const op_id w = net_param(graph, name, (struct op_shape){in_channels, 2, 2, channels}, NET_LAYOUT_CONV, NET_INIT_KAIMING_FAN_OUT);
    snprintf(name, sizeof name, "%s.up.bias", block);
    const op_id b = net_param(graph, name, (struct op_shape){1, 1, 1, channels}, NET_LAYOUT_VECTOR, NET_INIT_ZERO);
    const struct op_attr attr = {.kernel = {2, 2}, .stride = {2, 2}, .dilation = {1, 1}, .groups = 1, .channels = channels};
    const op_id in[3] = {x, w, b};
    snprintf(name, sizeof name, "%s.up", block);
    return net_add(graph, "conv_transpose2d", name, &attr, in, 3, NULL);
}

op_id model_plain_unet(struct net_graph *graph, const struct model_config *config, op_id image, op_id features[MODEL_FEATURES])
{
    op_id skips[PLAIN_LEVELS], x = image;
    char block[NAME_SIZE];
    const struct op_attr pool = {.kernel = {2, 2}, .stride = {2, 2}, .dilation = {1, 1}};
    for (uint32_t i = 0; i < PLAIN_LEVELS; i++) {
        snprintf(block, sizeof block, "encoder.blocks.%u", i);
        skips[i] = double_conv(graph, x, block, config->encoder_width << i);
        x = net_add(graph, "max_pool2d", block, &pool, &skips[i], 1, NULL);
    }
    features[5] = double_conv(graph, x, "encoder.center", config->encoder_width << PLAIN_LEVELS);
    x = model_dropout(graph, features[5], config);
    for (uint32_t i = 0; i < PLAIN_LEVELS; i++) {
        const uint32_t level = PLAIN_LEVELS - 1 - i, channels = config->encoder_width << level;
        snprintf(block, sizeof block, "decoder.blocks.%u", i);
        x = concat(graph, up_conv(graph, x, block, channels), skips[level], block);
        x = double_conv(graph, x, block, channels);
    }
    return model_head(graph, x, config);
}
