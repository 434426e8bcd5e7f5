// SPDX-License-Identifier: MIT
// Activations stored with 16 bits: which they are, how much memory that saves, and that the network still computes what it did.
#include "base/half.h"
#include "common/device.h"
#include "grad_norm.h"
#include "net/trained.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HEIGHT 64
#define WIDTH 96
#define BATCH 2

static struct network_spec spec_of(enum network_purpose purpose, const char *encoder, bool unfused, enum gpu_type storage)
{
    struct network_spec spec = trained_spec(purpose, encoder, BATCH, HEIGHT, WIDTH);
    spec.unfused = unfused;
    spec.storage = storage;
    return spec;
}

// --- which ------------------------------------------------------------------------------------------------------------

static void expect_types(const struct net_graph *graph, enum gpu_type storage)
{
    uint32_t stored = 0;
    for (uint32_t t = 0; t < graph->tensor_count; t++) {
        const struct net_tensor *tensor = &graph->tensors[t];
        const struct op_shape s = tensor->shape;
        stored += s.type == storage;
        cr_expect(s.type == GPU_FP32 || (tensor->kind == NET_ACTIVATION && !tensor->output), "tensor %u", t);
        // What has fewer channels is images, logits and what belongs to them.
        if (tensor->kind == NET_ACTIVATION && tensor->producer != UINT32_MAX && s.h > 4 && s.c >= 8)
            cr_expect_eq(s.type, storage, "%s makes a tensor of %ux%ux%u floats", graph->nodes[tensor->producer].op->name, s.h, s.w, s.c);
    }
    cr_expect_gt(stored, 20u);
    for (uint32_t n = 0; n < graph->node_count; n++) {
        struct op_infer info;
        cr_assert_eq(net_infer_node(graph, &graph->nodes[n], &info), NEPHOS_OK);
        cr_expect(op_takes_halves(graph->nodes[n].op, &info), "node %u, %s", n, graph->nodes[n].op->name);
    }
}

static uint64_t peak(const char *encoder, bool unfused, enum gpu_type storage)
{
    struct network_spec spec = spec_of(NETWORK_TRAIN, encoder, unfused, storage);
    spec.height = 256;
    spec.width = 384;
    spec.model.encoder_width = 64;
    struct network *network = trained_build(&test_limits, &spec);
    struct net_plan *plan = NULL;
    if (storage != GPU_FP32) expect_types(network->graph, storage);
    cr_assert_eq(net_plan_create(network->graph, &plan), NEPHOS_OK);
    const uint64_t size = plan->least_size;
    net_plan_destroy(&plan);
    network_destroy(&network);
    return size;
}

Test(storage, halves_lower_the_peak_by_two_fifths)
{
    static const char *const encoders[] = {"resnet18", "resnet34", "resnet50", "none"};
    for (size_t i = 0; i < ARRAY_COUNT(encoders); i++) {
        for (int unfused = 0; unfused < 2; unfused++) {
            const uint64_t floats = peak(encoders[i], unfused, GPU_FP32), halves = peak(encoders[i], unfused, GPU_FP16);
            cr_expect_lt(halves, floats - 2 * floats / 5, "%s, %s: %llu bytes, with halves %llu", encoders[i], unfused ? "plain" : "fused",
                         (unsigned long long)floats, (unsigned long long)halves);
            cr_expect_eq(peak(encoders[i], unfused, GPU_BF16), halves);
        }
    }
}

// An operator that knows floats alone keeps all tensors that it touches as floats, and nothing else.
Test(storage, one_operator_without_halves_keeps_its_tensors)
{
    struct net_graph *graph = NULL;
    cr_assert_eq(net_graph_create(test_log(), &test_limits, false, &graph), NEPHOS_OK);
    const op_id x = net_input(graph, (struct op_shape){1, 8, 8, 4});
    const op_id a = net_add(graph, "relu", "a", NULL, &x, 1, NULL), b = net_add(graph, "relu", "b", NULL, &a, 1, NULL);
    const op_id c = net_add(graph, "sigmoid", "c", NULL, &b, 1, NULL), d = net_add(graph, "relu", "d", NULL, &c, 1, NULL);
    const op_id e = net_add(graph, "relu", "e", NULL, &d, 1, NULL);
    net_mark_output(graph, e);
    cr_assert_eq(net_store_activations(graph, GPU_BF16), NEPHOS_OK);
    const enum gpu_type want[] = {GPU_BF16, GPU_FP32, GPU_FP32, GPU_BF16, GPU_FP32};
    const op_id made[] = {a, b, c, d, e};
    for (size_t i = 0; i < ARRAY_COUNT(made); i++) cr_expect_eq(net_shape(graph, made[i]).type, want[i], "%c", (char)('a' + i));
    net_graph_destroy(&graph);
}

// --- numbers ----------------------------------------------------------------------------------------------------------

// Devices round as the host does: to the nearest, ties to even, above the range to infinity. What is below the normal halves is left out:
// a device may take such for zero.
static void check_rounding(enum gpu_type type)
{
    enum { COUNT = 4096 };
    struct gpu *gpu = test_gpu();
    struct net_graph *graph = NULL;
    struct net_store *store = NULL;
    struct net_exec *exec = NULL;
    struct base_rng rng;
    base_rng_init(&rng, 3, BASE_RNG_TEST, 0);
    cr_assert_eq(net_graph_create(test_log(), gpu_get_limits(gpu), false, &graph), NEPHOS_OK);
    const op_id x = net_input(graph, (struct op_shape){1, 1, COUNT / 4, 4});
    const op_id stored = net_add(graph, "relu", "stored", NULL, &x, 1, NULL), y = net_add(graph, "relu", "y", NULL, &stored, 1, NULL);
    net_mark_output(graph, y);
    cr_assert_eq(net_store_activations(graph, type), NEPHOS_OK);
    cr_assert_eq(net_store_create(gpu, graph, &store), NEPHOS_OK);
    cr_assert_eq(net_exec_create(gpu, graph, store, NULL, "rounding", &exec), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    float *values = net_exec_input(exec, 0, x);
    // Twelve bits behind the first make ties, and neighbours of ties, for halves; ten of them for bf16.
    for (uint32_t i = 0; i < COUNT; i++) values[i] = ldexpf(1 + (float)base_rng_below(&rng, 8192) / 8192, (int)(i % 30) - 14);
    for (uint32_t i = 0; type == GPU_BF16 && i < COUNT; i++) values[i] = ldexpf(1 + (float)(i % 1024) / 1024, (int)(i % 200) - 100);
    values[0] = type == GPU_FP16 ? 65519 : 0x1.fep127f;
    values[1] = type == GPU_FP16 ? 65520 : 0x1.ffp127f;
    values[2] = 0;
    cr_assert_eq(net_exec_submit(exec, 0), NEPHOS_OK);
    cr_assert_eq(net_exec_wait(exec, 0), NEPHOS_OK);
    const float *got = net_exec_output(exec, 0, y);
    for (uint32_t i = 0; i < COUNT; i++) {
        const float want = type == GPU_FP16 ? base_half_to_float(base_half_from_float(values[i]))
                                            : base_bf16_to_float(base_bf16_from_float(values[i]));
        cr_assert_eq(got[i], want, "%a is stored as %a, not %a", (double)values[i], (double)got[i], (double)want);
    }
    net_exec_destroy(&exec);
    net_store_destroy(&store);
    net_graph_destroy(&graph);
    gpu_close(&gpu);
}

Test(storage, halves_are_rounded_as_on_the_host) { check_rounding(GPU_FP16); }
Test(storage, bf16_is_rounded_as_on_the_host) { check_rounding(GPU_BF16); }

static void run(struct trained *t)
{
    struct base_rng rng;
    base_rng_init(&rng, 7, BASE_RNG_TEST, 0);
    trained_fill(t, &rng);
    cr_assert_eq(net_exec_submit(t->network->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    cr_assert_eq(net_exec_wait(t->network->exec, 0), NEPHOS_OK, "%s", nephos_last_error(test_log()));
}

static float *download(struct gpu *gpu, struct gpu_range range)
{
    float *values = malloc(range.size);
    cr_assert(values && gpu_download(gpu, range, values) == NEPHOS_OK);
    return values;
}

struct squares {
    double exact, off;
};

static void add_squares(struct squares *s, const float *exact, const float *got, uint64_t count, double scale)
{
    for (uint64_t i = 0; i < count; i++) {
        const double a = (double)exact[i], b = (double)got[i] * scale;
        s->exact += a * a;
        s->off += (a - b) * (a - b);
    }
}

// How far the gradient of the head is off, relative to its length. Further back there is nothing to compare: a value moved by 2^-11 of
// its spread crosses zero in as many of all cases, and where it does, all of its gradient is switched on or off at the ReLU: what is off
// is the square root of that share, at every layer again.
static double gradient_error(struct gpu *gpu, const struct trained *exact, const struct trained *rounded)
{
    struct squares sum = {0};
    const double scale = rounded->network->spec.storage == GPU_FP16 ? 1.0 / LOSS_SCALE_START : 1;
    for (uint32_t i = 0; i < exact->store->param_count; i++) {
        if (strncmp(exact->store->params[i].name, "segmentation_head", strlen("segmentation_head")) != 0) continue;
        const struct gpu_range range = trained_result(exact, i);
        float *a = download(gpu, range);
        float *b = download(gpu, trained_result(rounded, net_store_find(rounded->store, exact->store->params[i].name)));
        add_squares(&sum, a, b, range.size / 4, scale);
        free(a);
        free(b);
    }
    return sqrt(sum.off / sum.exact);
}

static void check_training(const char *encoder, enum gpu_type storage, enum net_prologues prologues, double loss_limit,
                           double gradient_limit)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = "baseline"});
    struct trained net[2];
    for (int i = 0; i < 2; i++) {
        struct network_spec spec = spec_of(NETWORK_TRAIN, encoder, false, i ? storage : GPU_FP32);
        spec.prologues = prologues;
        trained_open(gpu, &spec, &net[i]);
        run(&net[i]);
    }
    const double exact = (double)trained_loss(&net[0]), rounded = (double)trained_loss(&net[1]);
    const double off = gradient_error(gpu, &net[0], &net[1]);
    cr_expect_lt(fabs(rounded - exact), loss_limit * exact, "loss %.9g, stored with 16 bits %.9g", exact, rounded);
    cr_expect_neq(rounded, exact, "nothing was rounded");
    cr_expect_lt(off, gradient_limit, "the gradient is off by %g", off);
    for (int i = 0; i < 2; i++) trained_close(&net[i]);
    gpu_close(&gpu);
}

// Each of some forty layers rounds by up to 2^-11 (2^-8) of its values, independently.
Test(storage, a_resnet_unet_trains_with_halves) { check_training("resnet18", GPU_FP16, NET_PROLOGUES_FAST, 0x1p-11, 0x1p-6); }
Test(storage, a_resnet_unet_trains_with_halves_and_prologues)
{
    check_training("resnet18", GPU_FP16, NET_PROLOGUES_EVERYWHERE, 0x1p-11, 0x1p-6);
}
Test(storage, a_resnet_unet_trains_with_bf16) { check_training("resnet18", GPU_BF16, NET_PROLOGUES_FAST, 0x1p-8, 0x1p-3); }
Test(storage, a_bottleneck_unet_trains_with_halves) { check_training("resnet50", GPU_FP16, NET_PROLOGUES_FAST, 0x1p-11, 0x1p-6); }
Test(storage, a_plain_unet_trains_with_halves) { check_training("none", GPU_FP16, NET_PROLOGUES_FAST, 0x1p-11, 0x1p-6); }

static void expect_same_bits(struct gpu *gpu, const struct trained *a, const struct trained *b)
{
    cr_expect_eq(trained_loss(a), trained_loss(b));
    for (uint32_t i = 0; i < a->store->param_count; i++) {
        const struct gpu_range range = trained_result(a, i);
        float *left = download(gpu, range), *right = download(gpu, trained_result(b, i));
        cr_expect_eq(memcmp(left, right, range.size), 0, "%s differs", a->store->params[i].name);
        free(left);
        free(right);
    }
}

Test(storage, gives_the_same_bits_again_and_with_recompute)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = "baseline"});
    struct network_spec spec = spec_of(NETWORK_TRAIN, "resnet18", false, GPU_FP16);
    struct trained net[3];
    for (int i = 0; i < 3; i++) {
        spec.recompute = i == 2;
        trained_open(gpu, &spec, &net[i]);
        run(&net[i]);
    }
    for (int i = 1; i < 3; i++) expect_same_bits(gpu, &net[0], &net[i]);
    for (int i = 0; i < 3; i++) trained_close(&net[i]);
    gpu_close(&gpu);
}

Test(storage, probabilities_stay)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = "baseline"});
    struct trained net[2];
    const float *probs[2];
    struct squares sum = {0};
    for (int i = 0; i < 2; i++) {
        const struct network_spec spec = spec_of(NETWORK_PREDICT, "resnet18", false, i ? GPU_FP16 : GPU_FP32);
        trained_open(gpu, &spec, &net[i]);
        run(&net[i]);
        probs[i] = net_exec_output(net[i].network->exec, 0, net[i].network->probs);
    }
    add_squares(&sum, probs[0], probs[1], (uint64_t)BATCH * HEIGHT * WIDTH * TRAINED_CLASSES, 1);
    cr_expect_lt(sqrt(sum.off / sum.exact), 0x1p-10);
    cr_expect_gt(sum.off, 0);
    for (int i = 0; i < 2; i++) trained_close(&net[i]);
    gpu_close(&gpu);
}

// --- overflow ---------------------------------------------------------------------------------------------------------

// Opens a network with its optimizer, and a scale of the loss.
static void open_scaled(struct gpu *gpu, float scale, struct trained *t)
{
    static const struct net_optimizer optimizer = {.op = "sgd"};
    const struct network_spec spec = spec_of(NETWORK_TRAIN, "none", false, GPU_FP16);
    t->network = trained_build(gpu_get_limits(gpu), &spec);
    cr_assert_eq(net_store_create(gpu, t->network->graph, &t->store), NEPHOS_OK);
    cr_assert_eq(net_store_init(t->store, 1), NEPHOS_OK);
    cr_assert_eq(net_store_train(t->store, 1), NEPHOS_OK);
    cr_assert_eq(gpu_upload(gpu, net_store_values(t->store, net_store_find(t->store, NET_LOSS_SCALE)), &scale), NEPHOS_OK);
    cr_assert_eq(network_prepare(t->network, gpu, t->store, &optimizer), NEPHOS_OK, "%s", nephos_last_error(test_log()));
    *net_exec_step(t->network->exec, 0) = (struct step_values){.count = 1, .lr = 0.01f};
}

// Gradients that halves can't hold become infinite, and the step is skipped with a smaller scale; a scale that fits steps.
Test(storage, a_gradient_beyond_halves_skips_the_step)
{
    struct gpu *gpu = test_gpu_with((struct nephos_device_params){.kernels = "baseline"});
    const float scales[] = {0x1p40f, 0x1p10f};
    for (int fits = 0; fits < 2; fits++) {
        struct trained t;
        float scale;
        open_scaled(gpu, scales[fits], &t);
        float *before = download(gpu, net_store_values(t.store, 0));
        run(&t);
        const float *found = net_exec_grad_norm(t.network->exec, 0);
        float *after = download(gpu, net_store_values(t.store, 0));
        cr_expect_eq(found[2], (float)fits, "scale %g", (double)scales[fits]);
        cr_expect_eq(memcmp(before, after, net_store_values(t.store, 0).size) == 0, !fits, "scale %g", (double)scales[fits]);
        cr_assert_eq(gpu_download(gpu, net_store_values(t.store, net_store_find(t.store, NET_LOSS_SCALE)), &scale), NEPHOS_OK);
        cr_expect_eq(scale, fits ? scales[1] : scales[0] / 2, "scale %g becomes %g", (double)scales[fits], (double)scale);
        free(before);
        free(after);
        trained_close(&t);
    }
    gpu_close(&gpu);
}
