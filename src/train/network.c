// SPDX-License-Identifier: MIT
#include "train/network.h"

#include "augment.h"
#include "op/classes.h"
#include "shaders.h"
#include "train/loss.h"
#include "unpack_image.h"

#include <stdlib.h>
#include <string.h>

static uint32_t round_up(uint32_t size, uint32_t divisor)
{
    return (size + divisor - 1) / divisor * divisor;
}

// image and target from the packed pixels.
static void add_input(struct network *network, op_id out[2])
{
    const struct network_spec *spec = &network->spec;
    struct net_graph *graph = network->graph;
    const uint32_t divisor = model_divisor(&spec->model);
    struct op_attr attr = {
        .size = {round_up(spec->height, divisor), round_up(spec->width, divisor)},
        .channels = spec->model.class_count,
        .changes = spec->changes,
        .mode = !spec->label_index ? UNPACK_BITS : spec->exclusive ? UNPACK_INDEX : UNPACK_ONE_HOT,
    };
    // Without labels the target is not read by anyone: the smallest form will do.
    if (spec->purpose == NETWORK_PREDICT) attr.mode = UNPACK_INDEX;
    memcpy(attr.mean, spec->mean, sizeof attr.mean);
    memcpy(attr.std, spec->std, sizeof attr.std);
    network->pixels = net_input(graph, (struct op_shape){spec->batch, spec->height, spec->width, 1});
    network->flags = network->records = OP_NONE;
    if (spec->augment) network->records = net_input(graph, (struct op_shape){spec->batch, 1, 1, sizeof(struct augment_record) / 4});
    else network->flags = net_input(graph, (struct op_shape){spec->batch, 1, 1, 1});
    const op_id in[2] = {network->pixels, spec->augment ? network->records : network->flags};
    net_add(graph, spec->augment ? "augment" : "unpack_image", "input", &attr, in, 2, out);
}

// The loss with that of the classification head: binary cross entropy, the mean over images and classes.
static op_id add_class_loss(struct network *network, op_id loss, op_id class_logits, op_id presence)
{
    const op_id in[2] = {class_logits, presence};
    const op_id losses[2] = {loss, net_add(network->graph, "bce_with_logits", "class_loss", NULL, in, 2, NULL)};
    const struct op_attr sum = {.weights = {1, network->spec.class_head}};
    return net_add(network->graph, "weighted_sum", "loss_with_classes", &sum, losses, 2, NULL);
}

static op_id add_presence(struct network *network, op_id target)
{
    const struct op_attr attr = {
        .mode = network->spec.exclusive ? OP_CLASSES_SOFTMAX : OP_CLASSES_SIGMOID,
        .ignore_index = LOSS_IGNORE_INDEX,
        .channels = network->spec.model.class_count,
    };
    return net_add(network->graph, "presence", "presence", &attr, &target, 1, NULL);
}

static void add_class_results(struct network *network, op_id class_logits, op_id presence)
{
    if (class_logits == OP_NONE || network->spec.purpose == NETWORK_TRAIN) return;
    network->class_probs = net_add(network->graph, "sigmoid", "class_probabilities", NULL, &class_logits, 1, NULL);
    net_mark_output(network->graph, network->class_probs);
    network->presence = presence;
    if (presence != OP_NONE) net_mark_output(network->graph, presence);
}

static void add_metrics(struct network *network, op_id logits, op_id target)
{
    const op_id in[2] = {logits, target};
    const struct op_attr attr = {
        .mode = network->spec.exclusive ? OP_CLASSES_SOFTMAX : OP_CLASSES_SIGMOID,
        .ignore_index = LOSS_IGNORE_INDEX,
        .alpha = network->spec.threshold,
    };
    network->metrics = net_add(network->graph, "metrics", "metrics", &attr, in, 2, NULL);
    net_mark_output(network->graph, network->metrics);
}

// *class_logits: of the classification head, OP_NONE without one.
static op_id add_model(struct network *network, op_id image, op_id *class_logits)
{
    const struct network_spec *spec = &network->spec;
    op_id features[MODEL_FEATURES];
    const op_id logits = model_build(network->graph, &spec->model, image, features);
    *class_logits = spec->model.class_head ? model_class_head(network->graph, &spec->model, features[5]) : OP_NONE;
    const struct op_shape shape = net_shape(network->graph, logits);
    if (shape.h == spec->height && shape.w == spec->width) return logits;
    const struct op_attr attr = {.size = {spec->height, spec->width}};
    return net_add(network->graph, "crop", "crop", &attr, &logits, 1, NULL);
}

static enum nephos_status add_gradient(struct network *network)
{
    const struct network_spec *spec = &network->spec;
    struct net_graph *graph = network->graph;
    const bool whole = spec->step_images <= spec->batch;
    return whole ? net_gradient(graph, network->loss)
                 : net_gradient_part(graph, network->loss, (float)spec->batch / (float)spec->step_images);
}

static bool scales_loss(const struct network_spec *spec)
{
    return spec->purpose == NETWORK_TRAIN && (spec->precision == TRAIN_FP16 || spec->storage == GPU_FP16);
}

static void add_operators(struct network *network)
{
    const struct network_spec *spec = &network->spec;
    struct net_graph *graph = network->graph;
    op_id input[2] = {OP_NONE, OP_NONE};
    op_id class_logits, presence = OP_NONE;
    network->loss = network->metrics = network->probs = network->class_probs = network->presence = OP_NONE;
    add_input(network, input);
    const op_id logits = add_model(network, input[0], &class_logits);
    if (spec->purpose == NETWORK_PREDICT) {
        network->probs = net_add(graph, spec->exclusive ? "softmax" : "sigmoid", "probabilities", NULL, &logits, 1, NULL);
        net_mark_output(graph, network->probs);
        add_class_results(network, class_logits, OP_NONE);
        return;
    }
    network->loss = loss_add(graph, &spec->loss, spec->exclusive, logits, input[1]);
    if (class_logits != OP_NONE) {
        presence = add_presence(network, input[1]);
        network->loss = add_class_loss(network, network->loss, class_logits, presence);
    }
    if (scales_loss(spec)) net_scale_loss(graph);
    net_mark_output(graph, network->loss);
    add_metrics(network, logits, input[1]);
    add_class_results(network, class_logits, presence);
}

// Kernels for CPUs, which are what is fast there, don't read elements of 16 bits.
static enum net_prologues prologues(const struct network_spec *spec, const struct gpu_limits *limits)
{
    const bool slow = limits->software && spec->storage != GPU_FP32;
    return spec->prologues == NET_PROLOGUES_FAST && slow ? NET_PROLOGUES_NONE : spec->prologues;
}

static enum nephos_status build(struct network *network)
{
    const struct network_spec *spec = &network->spec;
    struct net_graph *graph = network->graph;
    enum nephos_status status = NEPHOS_OK;
    add_operators(network);
    TRY(graph->status);
    if (!spec->unfused) TRY(net_fuse(graph));
    if (spec->purpose == NETWORK_TRAIN) TRY(add_gradient(network));
    if (spec->purpose == NETWORK_TRAIN && !spec->unfused) TRY(net_prologue(graph, prologues(spec, &graph->limits)));
    if (spec->storage != GPU_FP32) TRY(net_store_activations(graph, spec->storage));
    if (spec->recompute && spec->purpose == NETWORK_TRAIN) TRY(net_recompute(graph));
fail:
    return status;
}

enum nephos_status network_build(struct nephos_log *log, const struct gpu_limits *limits, const struct network_spec *spec,
                                 struct network **network)
{
    enum nephos_status status;
    struct gpu_limits allowed = *limits;
    struct network *created = calloc(1, sizeof *created);
    if (spec->precision != TRAIN_FP16) allowed.matrices.of[GPU_FP16].count = 0;
    if (spec->precision != TRAIN_BF16) allowed.matrices.of[GPU_BF16].count = 0;
    if (!created) return base_fail(log, NEPHOS_ERROR_MEMORY, "network: out of memory");
    created->spec = *spec;
    TRY(net_graph_create(log, &allowed, spec->purpose == NETWORK_TRAIN, &created->graph));
    TRY(build(created));
    *network = created;
    return NEPHOS_OK;
fail:
    network_destroy(&created);
    return status;
}

enum nephos_status network_prepare(struct network *network, struct gpu *gpu, struct net_store *store, const struct net_optimizer *optimizer)
{
    return network_prepare_beside(network, gpu, store, optimizer, NULL);
}

enum nephos_status network_prepare_beside(struct network *network, struct gpu *gpu, struct net_store *store,
                                          const struct net_optimizer *optimizer, const struct network *lender)
{
    static const char *const labels[] = {"train", "validate", "predict"};
    const enum nephos_status status = net_tune(gpu, network->graph);
    if (status != NEPHOS_OK) return status;
    return net_exec_create_beside(gpu, network->graph, store, optimizer, lender ? lender->exec : NULL, labels[network->spec.purpose],
                                  &network->exec);
}

void network_destroy(struct network **network)
{
    if (!network || !*network) return;
    net_exec_destroy(&(*network)->exec);
    net_graph_destroy(&(*network)->graph);
    free(*network);
    *network = NULL;
}
