// SPDX-License-Identifier: MIT
// Choosing among ways to compute an operator, with ways made up for the test: relu with a baseline that does its work many times over.
#include "common/device.h"
#include "gpu/device.h"
#include "net/tune.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static uint32_t recorded; // calls of any way

static void record_slow(struct gpu_stream *stream, const struct op_call *call)
{
    recorded++;
    for (int i = 0; i < 40; i++) op_find("relu")->record(stream, call);
}

static void record_right(struct gpu_stream *stream, const struct op_call *call)
{
    recorded++;
    op_find("relu")->record(stream, call);
}

// Negative values pass.
static void record_wrong(struct gpu_stream *stream, const struct op_call *call)
{
    recorded++;
    const struct op_attr attr = {.alpha = 1};
    struct op_call copy = *call;
    copy.attr = &attr;
    op_find("scale")->record(stream, &copy);
}

static bool always(const struct op_infer *info, struct op_needs *needs)
{
    (void)info;
    (void)needs;
    return true;
}

static struct op_variant rows[4];
static const struct op_variant *const variants[] = {rows, NULL};
static struct op slow_relu;

// relu with these ways behind a slow baseline, all of the family that may win on this device.
static void make_op(struct gpu *gpu, const struct op_variant *list, size_t count)
{
    memset(rows, 0, sizeof rows);
    gpu->limits.uniform_loads = true; // else kernels for CPUs are not tried
    for (size_t i = 0; i < count; i++) {
        rows[i] = list[i];
        rows[i].family = gpu_get_limits(gpu)->software ? OP_FAMILY_SOFTWARE : OP_FAMILY_TILE;
        rows[i].offer = always;
    }
    slow_relu = *op_find("relu");
    slow_relu.record = record_slow;
    slow_relu.variants = variants;
}

static const struct op_variant *chosen(struct gpu *gpu)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), false, &graph), NEPHOS_OK);
    const op_id x = net_input(graph, (struct op_shape){2, 64, 64, 16});
    net_add(graph, "relu", "relu", NULL, &x, 1, NULL);
    graph->nodes[0].op = &slow_relu;
    cr_assert_eq(net_tune(gpu, graph), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    const struct op_variant *variant = graph->nodes[0].variant;
    net_graph_destroy(&graph);
    return variant;
}

static const struct op_variant right = {.name = "software-right", .record = record_right};
static const struct op_variant wrong = {.name = "software-wrong", .record = record_wrong};
static const struct op_variant slow = {.name = "software-slow", .record = record_slow};

Test(tune, a_faster_way_that_agrees_is_chosen)
{
    struct gpu *gpu = test_gpu();
    make_op(gpu, (struct op_variant[]){slow, right}, 2);
    const struct op_variant *variant = chosen(gpu);
    cr_assert_not_null(variant);
    cr_expect_str_eq(variant->name, "software-right");
    gpu_close(&gpu);
}

Test(tune, a_wrong_way_is_never_chosen)
{
    struct gpu *gpu = test_gpu();
    make_op(gpu, (struct op_variant[]){wrong}, 1);
    cr_expect_null(chosen(gpu));
    gpu_close(&gpu);
}

Test(tune, a_verdict_is_found_once)
{
    struct gpu *gpu = test_gpu();
    make_op(gpu, (struct op_variant[]){right}, 1);
    cr_expect_not_null(chosen(gpu));
    const uint32_t before = recorded;
    cr_expect_not_null(chosen(gpu));
    cr_expect_eq(recorded, before);
    gpu_close(&gpu);
}

// Adam has no outputs: what it makes of its inputs is compared. Here: nothing, or what the baseline does.
static void record_nothing(struct gpu_stream *stream, const struct op_call *call)
{
    (void)stream;
    (void)call;
}

static void record_adam(struct gpu_stream *stream, const struct op_call *call)
{
    op_find("adam")->record(stream, call);
}

// Trials have no negative gradients, so that relu leaves them as they are.
static void record_slow_adam(struct gpu_stream *stream, const struct op_call *call)
{
    const struct op_call relu = {
        .label = "relu", .attr = call->attr, .in = {call->in[1]}, .in_count = 1, .out = {call->in[1]}, .out_count = 1, .gpu = call->gpu};
    for (int i = 0; i < 40; i++) op_find("relu")->record(stream, &relu);
    record_adam(stream, call);
}

static bool is_chosen_for_adam(struct gpu *gpu, void (*record)(struct gpu_stream *, const struct op_call *))
{
    static struct op adam;
    const struct op_attr attr = {.beta1 = 0.9f, .beta2 = 0.999f, .eps = 1e-8f};
    const uint32_t height = record == record_nothing ? 64 : 65; // verdicts are kept by shape
    const struct op_shape values = {1, height, 64, 16}, moments = {1, height, 128, 16};
    struct net_graph *graph = NULL;
    make_op(gpu, (struct op_variant[]){{.name = "software-adam", .record = record}}, 1);
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    adam = *op_find("adam");
    adam.record = record_slow_adam;
    adam.variants = variants;
    const op_id in[] = {net_input(graph, values), net_input(graph, values), net_input(graph, moments), net_input(graph, op_vector(4))};
    net_add(graph, "adam", "adam", &attr, in, 4, NULL);
    graph->nodes[0].op = &adam;
    cr_assert_eq(net_tune(gpu, graph), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    const bool is_chosen = graph->nodes[0].variant != NULL;
    net_graph_destroy(&graph);
    return is_chosen;
}

Test(tune, an_optimizer_that_moves_otherwise_is_never_chosen)
{
    struct gpu *gpu = test_gpu();
    cr_expect_not(is_chosen_for_adam(gpu, record_nothing));
    gpu_close(&gpu);
    gpu = test_gpu();
    cr_expect(is_chosen_for_adam(gpu, record_adam));
    gpu_close(&gpu);
}

static void record_conv(struct gpu_stream *stream, const struct op_call *call)
{
    op_find("conv2d")->record(stream, call);
}

static void record_slow_conv(struct gpu_stream *stream, const struct op_call *call)
{
    for (int i = 0; i < 40; i++) record_conv(stream, call);
}

// Ways are compared on one image: weights for 4 channels are no batch of 4, constants (folded batch norm) no more than parameters.
Test(tune, weights_of_as_many_channels_as_there_are_images_are_kept)
{
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    make_op(gpu, (struct op_variant[]){{.name = "software-conv", .record = record_conv}}, 1);
    static struct op slow_conv;
    slow_conv = *op_find("conv2d");
    slow_conv.record = record_slow_conv;
    slow_conv.variants = variants;
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), false, &graph), NEPHOS_OK);
    const op_id in[3] = {net_input(graph, (struct op_shape){4, 32, 32, 4}), net_input(graph, (struct op_shape){4, 3, 3, 4}),
                         net_input(graph, op_vector(4))};
    for (int i = 1; i < 3; i++) graph->tensors[in[i]].kind = NET_CONSTANT;
    net_add(graph, "conv2d", "conv", &(struct op_attr){.pad = {1, 1}}, in, 3, NULL);
    graph->nodes[0].op = &slow_conv;
    cr_assert_eq(net_tune(gpu, graph), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_expect_not_null(graph->nodes[0].variant);
    net_graph_destroy(&graph);
    gpu_close(&gpu);
}

static bool for_two_images(const struct op_infer *info, struct op_needs *needs)
{
    (void)needs;
    return info->in[0].n >= 2;
}

Test(tune, a_way_that_one_image_is_too_small_for_is_compared_on_the_batch)
{
    struct gpu *gpu = test_gpu();
    make_op(gpu, (struct op_variant[]){wrong, right}, 2);
    rows[0].offer = rows[1].offer = for_two_images;
    const struct op_variant *variant = chosen(gpu);
    cr_assert_not_null(variant);
    cr_expect_str_eq(variant->name, "software-right");
    gpu_close(&gpu);
}

Test(tune, families_of_other_devices_are_not_tried)
{
    struct gpu *gpu = test_gpu();
    make_op(gpu, (struct op_variant[]){right}, 1);
    rows[0].family = gpu_get_limits(gpu)->software ? OP_FAMILY_TILE : OP_FAMILY_SOFTWARE;
    cr_expect_null(chosen(gpu));
    gpu_close(&gpu);
}

Test(tune, kernels_can_be_wished_for)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = "baseline"});
    make_op(gpu, (struct op_variant[]){right}, 1);
    cr_expect_null(chosen(gpu));
    gpu_close(&gpu);
    gpu = test_gpu_with((struct nephos_device_params){.kernels = "software-wr"});
    make_op(gpu, (struct op_variant[]){right, wrong}, 2);
    recorded = 0;
    const struct op_variant *variant = chosen(gpu);
    cr_assert_not_null(variant);
    cr_expect_str_eq(variant->name, "software-wrong");
    cr_expect_eq(recorded, 0, "what is wished for is not tried");
    gpu_close(&gpu);
}

static void key_of(struct op_shape shape, const struct op_attr *attr, uint32_t channels, char *key, size_t size)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), &test_limits, false, &graph), NEPHOS_OK);
    const op_id in[2] = {net_input(graph, shape), net_input(graph, (struct op_shape){channels, 3, 3, shape.c})};
    net_add(graph, "conv2d", "conv", attr, in, 2, NULL);
    cr_assert_eq(graph->status, NEPHOS_OK);
    net_tune_key(graph, &graph->nodes[0], key, size);
    net_graph_destroy(&graph);
}

Test(tune, large_nodes_have_verdicts_of_their_own_and_small_ones_share)
{
    const struct op_attr pad = {.pad = {1, 1}}, none = {0};
    char a[512], b[512];
    key_of((struct op_shape){2, 64, 96, 64}, &pad, 64, a, sizeof a);
    key_of((struct op_shape){2, 64, 97, 64}, &pad, 64, b, sizeof b);
    cr_expect_str_neq(a, b);
    key_of((struct op_shape){1, 16, 16, 8}, &pad, 8, a, sizeof a);
    key_of((struct op_shape){1, 16, 17, 8}, &pad, 8, b, sizeof b);
    cr_expect_str_eq(a, b);
    key_of((struct op_shape){1, 16, 16, 8}, &none, 8, b, sizeof b);
    cr_expect_str_neq(a, b);
}
