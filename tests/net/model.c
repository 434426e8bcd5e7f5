// SPDX-License-Identifier: MIT
// Models at full size: parameter counts as published, shapes, refusals. Names are held by tests/net/golden.c, which loads by them.
#include "common/device.h"
#include "model/model.h"

#include <criterion/criterion.h>
#include <string.h>

static struct net_graph *build(const struct model_config *config, uint32_t height, uint32_t width, op_id *logits, op_id *features)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), &test_limits, true, &graph), NEPHOS_OK);
    *logits = model_build(graph, config, net_input(graph, (struct op_shape){1, height, width, 3}), features);
    return graph;
}

static uint64_t parameter_count(const struct net_graph *graph)
{
    uint64_t count = 0;
    for (uint32_t i = 0; i < graph->param_count; i++) count += graph->params[i].state ? 0 : op_count(graph->params[i].shape);
    return count;
}

static void expect_count(const char *encoder, uint64_t count)
{
    op_id logits, features[MODEL_FEATURES];
    const struct model_config config = {"unet", encoder, 64, 4, 0};
    struct net_graph *graph = build(&config, 64, 96, &logits, features);
    cr_assert_eq(graph->status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_expect_eq(parameter_count(graph), count, "%s: %llu parameters", encoder, (unsigned long long)parameter_count(graph));
    cr_expect(op_shape_equal(net_shape(graph, logits), (struct op_shape){1, 64, 96, 4}));
    for (uint32_t i = 1; i < MODEL_ENCODER_FEATURES; i++) cr_expect_eq(net_shape(graph, features[i]).h, 64u >> i);
    net_graph_destroy(&graph);
}

// Those of segmentation_models.pytorch with 4 classes.
Test(model, resnet18_unet_has_the_published_number_of_parameters) { expect_count("resnet18", 14328644); }
Test(model, resnet34_unet_has_the_published_number_of_parameters) { expect_count("resnet34", 24436804); }
Test(model, resnet50_unet_has_the_published_number_of_parameters) { expect_count("resnet50", 32521540); }

Test(model, plain_unet_doubles_channels_on_four_levels)
{
    op_id logits;
    const struct model_config config = {"unet", "none", 8, 2, 0};
    struct net_graph *graph = build(&config, 48, 32, &logits, NULL);
    cr_assert_eq(graph->status, NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_expect(op_shape_equal(net_shape(graph, logits), (struct op_shape){1, 48, 32, 2}));
    bool found = false;
    for (uint32_t i = 0; i < graph->param_count; i++) {
        if (strcmp(graph->params[i].name, "encoder.center.conv2.0.weight") != 0) continue;
        found = op_shape_equal(graph->params[i].shape, (struct op_shape){128, 3, 3, 128});
    }
    cr_expect(found);
    net_graph_destroy(&graph);
}

Test(model, dropout_is_there_in_training_only)
{
    op_id logits;
    const struct model_config config = {"unet", "resnet18", 8, 2, 0.5f};
    struct net_graph *graph = build(&config, 32, 32, &logits, NULL);
    uint32_t count = 0;
    for (uint32_t n = 0; n < graph->node_count; n++) count += strcmp(graph->nodes[n].op->name, "dropout") == 0;
    cr_expect_eq(count, 1u);
    net_graph_destroy(&graph);
}

Test(model, what_a_build_lacks_is_refused_by_name)
{
    static const struct {
        struct model_config config;
        const char *message;
    } wrong[] = {
        {{"fpn", "resnet18", 64, 4, 0}, "unknown architecture 'fpn'"},
        {{"unet", "vgg16", 64, 4, 0}, "unknown encoder 'vgg16'"},
        {{"unet", "resnet18", 2, 4, 0}, "encoder width 2"},
        {{"unet", "resnet18", 64, 0, 0}, "0 classes"},
        {{"unet", "resnet18", 64, 4, 1}, "dropout 1"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(wrong); i++) {
        cr_expect_eq(model_check(test_log(), &wrong[i].config), NEPHOS_ERROR_ARGUMENT);
        cr_expect_not_null(strstr(nephos_last_error(test_log()), wrong[i].message), "%s", nephos_last_error(test_log()));
    }
}
