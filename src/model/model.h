// SPDX-License-Identifier: MIT
// Models: functions that append operators to a graph. They touch neither GPU nor files. Topology and parameter names of the
// encoder-decoder models are those of segmentation_models.pytorch (Unet), so its weights load by name.
#ifndef MODEL_H
#define MODEL_H

#include "net/net.h"

#define MODEL_ENCODER_FEATURES 6 // the image, then the encoder's stages 1 to 5
#define MODEL_FEATURES 11        // those, then the decoder's blocks 1 to 5

struct model_config {
    const char *arch;       // "unet"
    const char *encoder;    // "resnet18", "resnet34", "resnet50", or "none": the plain U-Net
    uint32_t encoder_width; // channels of the first stage, 4..512; 64 is the published one
    uint32_t class_count;   // 1..255
    float dropout;          // of the deepest features, 0: none
    bool class_head;        // a second result: which classes the image has
};

struct model_encoder {
    const char *name;
    uint32_t blocks[4]; // per stage
    bool bottleneck;
};
extern const struct model_encoder model_encoders[]; // name NULL at the end
const struct model_encoder *model_encoder_find(const char *name); // NULL: unknown

enum nephos_status model_check(struct nephos_log *log, const struct model_config *config);
// Height and width given to the network must be multiples of this: 32 with an encoder, 16 without.
uint32_t model_divisor(const struct model_config *config);
// Appends the network: image {N, H, W, 3} normalised -> logits {N, H, W, class_count}. features (may be NULL) gets the ids of
// the inner feature maps, OP_NONE where the model has none; the deepest is number 5.
op_id model_build(struct net_graph *graph, const struct model_config *config, op_id image, op_id features[MODEL_FEATURES]);
// Appends the classification head behind the deepest features {N, h, w, C}: their mean over the image, then a linear layer to class
// logits {N, 1, 1, class_count}. Names are those of segmentation_models.pytorch (aux_params).
op_id model_class_head(struct net_graph *graph, const struct model_config *config, op_id deepest);

// Shared by the builders (layers.c). `prefix` is the name of the module, e.g. "encoder.layer1.0.conv1".
struct model_conv {
    uint32_t channels, kernel, stride; // padding is kernel / 2
    enum net_init init;
    bool bias;
};
op_id model_conv(struct net_graph *graph, op_id x, const char *prefix, struct model_conv conv);
op_id model_batch_norm(struct net_graph *graph, op_id x, const char *prefix);
op_id model_relu(struct net_graph *graph, op_id x, const char *prefix);
// 3x3 convolution, batch norm, ReLU under the names of a torch Sequential: prefix.0.weight, prefix.1.weight ...
op_id model_conv_bn_relu(struct net_graph *graph, op_id x, const char *prefix, uint32_t channels);
op_id model_dropout(struct net_graph *graph, op_id x, const struct model_config *config);
op_id model_head(struct net_graph *graph, op_id x, const struct model_config *config);

void model_resnet(struct net_graph *graph, const struct model_encoder *encoder, uint32_t width, op_id image,
                  op_id features[MODEL_ENCODER_FEATURES]);
op_id model_unet(struct net_graph *graph, const struct model_config *config, op_id image, op_id features[MODEL_FEATURES]);
op_id model_plain_unet(struct net_graph *graph, const struct model_config *config, op_id image, op_id features[MODEL_FEATURES]);

#endif
