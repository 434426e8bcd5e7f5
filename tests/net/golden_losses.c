// SPDX-License-Identifier: MIT
// Losses and their gradients as PyTorch gives them for the formulas of segmentation_models.pytorch (tests/golden/make_losses.py).
#include "common/device.h"
#include "data/safetensors.h"
#include "train/loss.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COUNT = 2 * 6 * 8 * 3 };
static const struct op_shape shape = {2, 6, 8, 3};

#define WEIGHTS                                                                                                                            \
    {                                                                                                                                      \
        3,                                                                                                                                 \
        {                                                                                                                                  \
            1, 3, 0.25f                                                                                                                    \
        }                                                                                                                                  \
    }
#define TVERSKY .tversky_alpha = 0.3f, .tversky_beta = 0.7f, .focal_tversky_gamma = 0.75f
#define FOCAL .focal_alpha = 0.25f, .focal_gamma = 2
static const struct golden_case {
    const char *name;
    struct train_loss loss;
} per_mode[] =
    {
        {"dice", {.dice = 1}},
        {"dice-positive", {.dice_positive = 1}},
        {"jaccard", {.jaccard = 1}},
        {"tversky", {.tversky = 1, TVERSKY}},
        {"focal-tversky", {.focal_tversky = 1, TVERSKY}},
        {"mcc", {.mcc = 1}},
        {"focal", {.focal = 1, FOCAL}},
        {"lovasz", {.lovasz = 1}},
    {"focal.plain", {.focal = 1, .focal_gamma = 1.5f}},
},
  multilabel[] =
      {
          {"bce", {.bce = 1}},
          {"bce.weights", {.bce = 1, .pos_weight = {3, {0.5f, 2, 4}}, .class_weight = WEIGHTS}},
          {"bce.smoothing", {.bce = 1, .label_smoothing = 0.1f}},
          {"sum", {.bce = 0.75f, .dice = 0.25f, .jaccard = 2, .focal = 1, FOCAL}},
},
  multiclass[] = {
      {"ce", {.ce = 1}},
      {"ce.weights", {.ce = 1, .class_weight = WEIGHTS}},
      {"ce.smoothing", {.ce = 1, .class_weight = WEIGHTS, .label_smoothing = 0.1f}},
};

static void read_values(const struct safetensors *file, const char *name, const char *part, float *to, uint64_t count)
{
    char full[64];
    snprintf(full, sizeof full, "%s%s", name, part);
    const struct safetensors_entry *entry = safetensors_find(file, full);
    cr_assert(entry, "no '%s'", full);
    cr_assert_eq(safetensors_read_f32(file, entry, to, count), NEPHOS_OK, "%s", nephos_last_error(test_log()));
}

struct outcome {
    float loss, grad[COUNT];
};

static struct outcome compute(const struct safetensors *file, const struct train_loss *loss, bool one_class)
{
    struct outcome result;
    float z[COUNT];
    const struct op_shape target_shape = {shape.n, shape.h, shape.w, one_class ? 1 : shape.c};
    const struct net_optimizer sgd = {.op = "sgd"};
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    struct net_store *store = NULL;
    struct net_exec *exec = NULL;
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), true, &graph), NEPHOS_OK);
    const op_id logits = net_param(graph, "z", shape, NET_LAYOUT_CONV, NET_INIT_ZERO), target = net_input(graph, target_shape);
    const op_id sum = loss_add(graph, loss, one_class, logits, target);
    net_mark_output(graph, sum);
    cr_assert_eq(net_gradient(graph, sum), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_store_create(gpu, graph, &store), NEPHOS_OK);
    cr_assert_eq(net_store_train(store, 1), NEPHOS_OK);
    cr_assert_eq(net_store_init(store, 0), NEPHOS_OK);
    read_values(file, "z", "", z, COUNT);
    cr_assert_eq(gpu_upload(gpu, net_store_values(store, 0), z), NEPHOS_OK);
    cr_assert_eq(net_exec_create(gpu, graph, store, &sgd, "losses", &exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    read_values(file, one_class ? "index" : "bits", "", net_exec_input(exec, 0, target), op_count(target_shape));
    *net_exec_step(exec, 0) = (struct step_values){.count = 1};
    cr_assert_eq(net_exec_submit(exec, 0), NEPHOS_OK);
    cr_assert_eq(net_exec_wait(exec, 0), NEPHOS_OK);
    result.loss = *(const float *)net_exec_output(exec, 0, sum);
    cr_assert_eq(gpu_download(gpu, net_store_grads(store, 0), result.grad), NEPHOS_OK);
    net_exec_destroy(&exec);
    net_graph_destroy(&graph);
    net_store_destroy(&store);
    gpu_close(&gpu);
    return result;
}

// Sums of 96 pixels and a few units in the last place of exp: a millionth or two, of a gradient relative to its largest element.
static void expect_case(const struct safetensors *file, const char *name, const struct train_loss *loss, bool one_class)
{
    float want, grad[COUNT];
    double most = 0, off = 0;
    const struct outcome got = compute(file, loss, one_class);
    read_values(file, name, ".loss", &want, 1);
    read_values(file, name, ".grad", grad, COUNT);
    for (int i = 0; i < COUNT; i++) {
        most = fmax(most, fabs((double)grad[i]));
        off = fmax(off, fabs((double)grad[i] - (double)got.grad[i]));
        cr_assert(isfinite(got.grad[i]), "%s: gradient %d", name, i);
    }
    cr_expect_float_eq(got.loss / want, 1, 2e-6, "%s: %.8g, PyTorch has %.8g", name, (double)got.loss, (double)want);
    cr_expect_lt(off, 5e-6 * most, "%s: gradient off by %g of %g", name, off, most);
}

static struct safetensors *open_file(void)
{
    struct safetensors *file = NULL;
    cr_assert_eq(safetensors_open(test_log(), TESTS_DIR "/golden/losses.safetensors", &file), NEPHOS_OK, "%s",
                 nephos_last_error(test_log()));
    return file;
}

static void expect_all(const struct golden_case *own, size_t own_count, bool one_class)
{
    struct safetensors *file = open_file();
    for (size_t i = 0; i < own_count; i++)
        expect_case(file, own[i].name, &own[i].loss, one_class);
    for (size_t i = 0; i < ARRAY_COUNT(per_mode); i++) {
        char name[64];
        snprintf(name, sizeof name, "%s.%s", per_mode[i].name, one_class ? "multiclass" : "multilabel");
        expect_case(file, name, &per_mode[i].loss, one_class);
    }
    safetensors_close(&file);
}

Test(golden_losses, agree_where_classes_overlap)
{
    expect_all(multilabel, ARRAY_COUNT(multilabel), false);
}

Test(golden_losses, agree_with_one_class_a_pixel)
{
    expect_all(multiclass, ARRAY_COUNT(multiclass), true);
}
